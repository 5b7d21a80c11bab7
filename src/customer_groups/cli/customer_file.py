"""A file of customers: delimited text with a header, one customer on each line."""

from collections.abc import Iterator, Sequence
from os import PathLike

import attrs

from customer_groups.customers import Customer
from customer_groups.errors import ColumnNotFoundError, InvalidValueError, MalformedFileError
from customer_groups.files.cells import has_text
from customer_groups.files.columns import find_column, spelling
from customer_groups.files.delimited import DelimitedReader
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.sources import Readable, open_stream
from customer_groups.text import trim

__all__ = ["CustomerColumns", "read_customers"]

_ROWS_BETWEEN_REPORTS = 5_000
_YES_OR_NO = {
    "1": True,
    "t": True,
    "true": True,
    "y": True,
    "yes": True,
    "0": False,
    "f": False,
    "false": False,
    "n": False,
    "no": False,
}


@attrs.frozen(kw_only=True)
class CustomerColumns:
    """The names of the columns; None for the usual one, if there is such a column.

    Attributes:
        code: What people type; without a key, no row may be without it.
        name: The name.
        type: The kind of customer.
        active: Yes or no, true or false, 1 or 0; without this column all are active.
        key: What identifies a customer for good; without this column the code does.
    """

    code: str | None = None
    name: str | None = None
    type: str | None = None
    active: str | None = None
    key: str | None = None


def read_customers(
    source: PathLike[str] | Readable,
    columns: CustomerColumns,
    layout: Layout,
    *,
    on_progress: OnProgress,
) -> Iterator[Customer]:
    """Yield the customers of a file, one by one; blank lines are skipped.

    Args:
        source: A path, or a file that is open for reading.
        columns: Where what stands.
        layout: The delimiter and the encoding, if they are not to be found; and limits.
        on_progress: Told how many bytes were read, and how many there are.

    Raises:
        MalformedFileError: a line cannot be a customer; the error says which and why.
        ColumnNotFoundError: a column is not there; the error lists those that are.
        UnreadableEncodingError: the bytes are in another encoding.
        LimitExceededError: the file or a line is too long.
        OSError: the file cannot be read.
    """
    with open_stream(source, layout.limits.input_bytes) as stream:
        records = DelimitedReader().rows(stream, layout, Findings())
        rows = (record for record in records if has_text(record[1]))
        _, header = next(rows, (1, []))
        form = _Form.under(header, columns)
        for number, (line, cells) in enumerate(rows, 1):
            yield form.customer(line, cells)
            if number % _ROWS_BETWEEN_REPORTS == 0:
                on_progress(stream.done, stream.total)


@attrs.frozen
class _Form:
    """The position of each column, from 0; None for one that is not there."""

    width: int
    code: int
    name: int | None
    type: int | None
    active: int | None
    key: int | None

    @classmethod
    def under(cls, header: Sequence[str], columns: CustomerColumns) -> "_Form":
        code = find_column(header, columns.code)
        if not code.is_named:  # the first line is a customer, and the others have no names
            raise ColumnNotFoundError(columns.code or "code", tuple(header))
        return cls(
            len(header),
            code.index,
            _optional(header, columns.name, "name"),
            _optional(header, columns.type, "type"),
            _optional(header, columns.active, "active"),
            _optional(header, columns.key, "key"),
        )

    def customer(self, line: int, cells: Sequence[str]) -> Customer:
        if len(cells) > self.width:
            reason = f"there are {len(cells)} cells, where the header has {self.width}"
            raise MalformedFileError(line, reason)
        try:
            return self._customer(cells)
        except InvalidValueError as error:
            raise MalformedFileError(line, str(error)) from None

    def _customer(self, cells: Sequence[str]) -> Customer:
        code = _cell(cells, self.code)
        name = _cell(cells, self.name)
        kind = _cell(cells, self.type) or None
        active = self.active is None or _yes_or_no(_cell(cells, self.active))
        if self.key is None:
            return Customer(code, name, kind, active)
        return Customer(code or None, name, kind, active, key=_cell(cells, self.key))


def _optional(header: Sequence[str], asked: str | None, usual: str) -> int | None:
    if asked is None and usual not in map(spelling, header):
        return None
    return find_column(header, asked or usual).index


def _cell(cells: Sequence[str], index: int | None) -> str:
    return "" if index is None or index >= len(cells) else trim(cells[index])


def _yes_or_no(text: str) -> bool:
    try:
        return _YES_OR_NO[text.lower()]
    except KeyError:
        raise InvalidValueError("active", text, "is neither yes nor no") from None
