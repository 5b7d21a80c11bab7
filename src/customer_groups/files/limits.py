"""How much an import may read."""

import attrs

from customer_groups.errors import InvalidValueError

__all__ = ["DEFAULT_LIMITS", "Limits"]


@attrs.frozen(kw_only=True)
class Limits:
    """What an import refuses to go beyond, checked while it reads: whole numbers above zero.

    Input that goes beyond is refused with a `LimitExceededError`, and nothing is stored.

    Attributes:
        input_bytes: Bytes of input; characters, where the input is text already.
        inflated_bytes: Bytes of a spreadsheet once its parts are inflated.
        inflation_ratio: How many times as large as in the file a part of a spreadsheet may
            be, once it has more than ten million bytes.
        parts: Files inside the file of a spreadsheet.
        sheets: Sheets of a spreadsheet.
        rows: Values of a list and its blank lines; of a table all rows, the header among
            them.
        columns: Columns of a table.
        cells: Cells of a sheet, those counted that are empty up to the last one of each row.
        field_characters: Characters of one cell, or of one text in JSON Lines. In delimited
            text the limit of Python's csv module counts as well, which is 131,072 unless the
            host has changed it.
        record_characters: Characters of one line, and of one record of delimited text, which
            is several lines where quotes span them; in pasted text, of one value and the
            separators beside it. Checked once per 65,536 bytes of input, so there may be
            more by as much.
        reported_rejects: Rejects in the report, or 0; each with the first 1,000 characters of
            its value. The file of rejects holds them all, and whole.
    """

    input_bytes: int = 1_000_000_000
    inflated_bytes: int = 500_000_000
    inflation_ratio: int = 200
    parts: int = 10_000
    sheets: int = 255
    rows: int = 12_000_000
    columns: int = 1_000
    cells: int = 5_500_000
    field_characters: int = 131_072
    record_characters: int = 1_000_000
    reported_rejects: int = 1_000

    def __attrs_post_init__(self) -> None:
        for name, limit in attrs.asdict(self).items():
            least = 0 if name == "reported_rejects" else 1
            if type(limit) is not int or limit < least:
                raise InvalidValueError(name, limit, f"is not a whole number from {least}")


DEFAULT_LIMITS = Limits()
"""Safe for a host with 256 MiB to spare, and enough for ten million codes."""
