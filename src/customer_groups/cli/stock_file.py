"""A file of what is on hand: a table with a header, or objects; one stock on each line."""

from collections.abc import Sequence
from os import PathLike

from customer_groups.cli.quantities import on_hand
from customer_groups.errors import ColumnNotFoundError, InvalidValueError, MalformedFileError
from customer_groups.files.cells import has_text
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Findings, Layout
from customer_groups.files.records import Places, Record, RecordReader
from customer_groups.files.sources import Readable
from customer_groups.importing.columns import find_fields
from customer_groups.importing.intake import list_of
from customer_groups.reservations.files.cells import quantity_in
from customer_groups.reservations.files.columns import STOCK_COLUMNS
from customer_groups.reservations.files.stock_keys import item_at_location, stock_in
from customer_groups.reservations.model import StockKey, parse_stock_key
from customer_groups.reservations.quantities import Quantity

__all__ = ["read_stocks"]


def read_stocks(
    source: PathLike[str] | Readable,
    layout: Layout,
    *,
    format: str | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Quantity]:
    """Return how much there is of each stock of a file; blank lines are skipped.

    Args:
        source: A path, or a file that is open for reading.
        layout: How the file is laid out, as far as that is not to be found; and limits.
        format: The name of the format; None for what the name of the file says.
        on_progress: Told how many bytes were read, and how many there are.

    Raises:
        MalformedFileError: a line names no stock or no quantity, or the stock of an earlier
            line; the error says which and why.
        ColumnNotFoundError: a column is not there; the error lists those that are.
        ImportFileError: the file cannot be read; one of its subclasses says why.
        OSError: the file cannot be read.
    """
    reader = RecordReader(_places)
    file = list_of(source, layout, format=format, on_progress=on_progress)
    stocks: dict[str, Quantity] = {}
    with file.opened(reader.read, Findings(_refuse)) as records:
        for line, stock, quantity in map(_stock, records):
            if stock in stocks:
                _refuse(line, stock, "", "stands on an earlier line as well")
            stocks[stock] = quantity
    if not reader.names:
        raise ColumnNotFoundError("quantity", ())
    return stocks


def _refuse(line: int, value: object, _: str, message: str) -> None:
    raise MalformedFileError(line, str(InvalidValueError("row", value, message)))


def _places(names: Sequence[str]) -> Places:
    found = find_fields(STOCK_COLUMNS, {}, names, are_ordered=True)
    there = found.names_of_fields().keys()
    if "quantity" not in there or there.isdisjoint({"stock", "item"}):
        raise ColumnNotFoundError(("stock", "quantity"), tuple(names))
    return found.places


def _stock(record: Record) -> tuple[int, StockKey, Quantity]:
    cells = zip(STOCK_COLUMNS, record.fields, strict=True)
    said = {field: cell for field, cell in cells if has_text([cell])}
    try:
        stock = parse_stock_key(stock_in(said, item_at_location))
        quantity = on_hand(quantity_in(said.get("quantity")))
    except InvalidValueError as error:
        raise MalformedFileError(record.line, str(error)) from None
    return record.line, stock, quantity
