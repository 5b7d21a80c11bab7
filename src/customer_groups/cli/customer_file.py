"""A file of customers: a table with a header, or objects; one customer on each line."""

from collections.abc import Iterator, Sequence
from os import PathLike

import attrs

from customer_groups.customers import Customer
from customer_groups.errors import ColumnNotFoundError, InvalidValueError, MalformedFileError
from customer_groups.files.cells import Row, Unclear
from customer_groups.files.columns import find_column, spelling
from customer_groups.files.flags import yes_or_no
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.records import Places, Record, RecordReader
from customer_groups.files.sources import Readable
from customer_groups.importing.intake import list_of
from customer_groups.text import trim

__all__ = ["CustomerColumns", "read_customers"]


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
    format: str | None = None,
    on_progress: OnProgress | None = None,
) -> Iterator[Customer]:
    """Yield the customers of a file, one by one; blank lines are skipped.

    Args:
        source: A path, or a file that is open for reading.
        columns: Where what stands.
        layout: How the file is laid out, as far as that is not to be found; and limits.
        format: The name of the format; None for what the name of the file says.
        on_progress: Told how many bytes were read, and how many there are.

    Raises:
        MalformedFileError: a line cannot be a customer; the error says which and why.
        ColumnNotFoundError: a column is not there; the error lists those that are.
        ImportFileError: the file cannot be read; one of its subclasses says why.
        OSError: the file cannot be read.
    """
    form = _Form(columns)
    reader = RecordReader(form.find_places)

    def customers(rows: Iterator[Row], layout: Layout, findings: Findings) -> Iterator[Customer]:
        return map(form.customer, reader.read(rows, layout, findings))

    file = list_of(source, layout, format=format, on_progress=on_progress)
    with file.opened(customers, Findings(_refuse)) as intake:
        yield from intake
    if not reader.names:
        raise ColumnNotFoundError(columns.code, ())


def _refuse(line: int, value: object, _: str, message: str) -> None:
    raise MalformedFileError(line, str(InvalidValueError("row", value, message)))


@attrs.define
class _Form:
    """Makes customers of records, once it is known which columns there are."""

    columns: CustomerColumns
    has_active: bool = False
    has_key: bool = False

    def find_places(self, names: Sequence[str]) -> Places:
        columns = self.columns
        code = find_column(names, columns.code)
        if not code.is_named:  # the first line is a customer, and the others have no names
            raise ColumnNotFoundError(columns.code or "code", tuple(names))
        active = _optional(names, columns.active, "active")
        key = _optional(names, columns.key, "key")
        self.has_active, self.has_key = active is not None, key is not None
        name = _optional(names, columns.name, "name")
        return code.index, name, _optional(names, columns.type, "type"), active, key

    def customer(self, record: Record) -> Customer:
        try:
            return self._customer(*record.fields)
        except InvalidValueError as error:
            raise MalformedFileError(record.line, str(error)) from None

    def _customer(
        self, code: object, name: object, type_: object, active: object, key: object
    ) -> Customer:
        number, kind = _text(code), _text(type_) or None
        is_active = not self.has_active or yes_or_no("active", active)
        if not self.has_key:
            return Customer(number, _text(name), kind, is_active)
        return Customer(number or None, _text(name), kind, is_active, key=_text(key))


def _optional(names: Sequence[str], asked: str | None, usual: str) -> int | None:
    if asked is None and usual not in map(spelling, names):
        return None
    return find_column(names, asked or usual).index


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Unclear):
        raise InvalidValueError("cell", cell.raw, cell.message)
    if not isinstance(cell, str):
        raise InvalidValueError("cell", cell, "is not text")
    return trim(cell)
