"""The rows of a sheet, put together from its cells, in the order of the sheet."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from customer_groups.errors import LimitExceededError, MalformedFileError
from customer_groups.files.cells import Row
from customer_groups.files.limits import Limits
from customer_groups.files.xlsx.digits import to_number

__all__ = ["NEXT", "Beginning", "put_together"]

Beginning = tuple[str, str, str, str, str]
"""What begins: a row, by its number; a cell of it, by its place; or both.

The place is one such as ``C7``. Then come the number of the style of the cell; its kind; and
what is in it: all as the file writes them, empty for nothing.
"""

NEXT: Final = "\0next"
"""The number or the place of what has none: it follows the last one. No file can write it."""

_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_MOST_LETTERS = 3


class _Columns(dict[str, int]):
    """Columns by their letters, counted from 1; what is none has 0."""

    def __missing__(self, letters: str) -> int:
        is_upper = letters.isascii() and letters.isalpha() and letters.isupper()
        if not is_upper or len(letters) > _MOST_LETTERS:
            return 0
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - ord("A") + 1
        self[letters] = number
        return number


def put_together(
    beginnings: Iterable[Beginning],
    values: Mapping[str, Callable[[str, str], object]],
    limits: Limits,
) -> Iterator[Row]:
    """Yield rows, each with its cells up to the last one.

    Args:
        beginnings: The rows and the cells, in the order of the file.
        values: What a cell holds, by its kind, given what is in it and its style.
        limits: How many columns and cells there may be.

    Raises:
        MalformedFileError: a row or a cell is in a wrong place, or refers to what is not there.
        LimitExceededError: there is too much.
    """
    columns = _Columns()
    most_columns = min(limits.columns, _MOST_COLUMNS)
    line = count = 0
    number = ""
    cells: list[object] = []
    for row, place, style, kind, content in beginnings:
        if row:
            if line:
                yield line, cells
            line = _line(row, line)
            number = str(line)
            cells = []
        if not place:
            continue
        filled = len(cells)
        column = filled + 1 if place == NEXT else columns[place.removesuffix(number)]
        if not filled < column <= most_columns:
            raise _misplaced(line, filled, column, limits)
        count += column - filled
        if count > limits.cells:
            raise LimitExceededError("cells", limits.cells)
        if column - filled > 1:
            cells.extend([None] * (column - filled - 1))
        try:
            cells.append(values[kind](content, style))
        except (IndexError, KeyError, ValueError):
            reason = f"what the cell in column {column} has does not fit, or is not in the file"
            raise MalformedFileError(line, reason) from None
    if line:
        yield line, cells


def _line(row: str, last: int) -> int:
    try:
        line = last + 1 if row == NEXT else to_number(row)
    except ValueError:
        line = 0
    if not last < line <= _MOST_ROWS:
        raise MalformedFileError(max(1, last), "the row after this one has a wrong number")
    return line


def _misplaced(line: int, filled: int, column: int, limits: Limits) -> Exception:
    if limits.columns < column <= _MOST_COLUMNS:
        return LimitExceededError("columns", limits.columns)
    return MalformedFileError(line, f"the cell after column {filled} is in a wrong place")
