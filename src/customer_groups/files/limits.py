"""How much an import may read."""

import attrs

__all__ = ["DEFAULT_LIMITS", "Limits"]


@attrs.frozen(kw_only=True)
class Limits:
    """What an import refuses to go beyond, checked while it reads.

    Input that goes beyond is refused with a `LimitExceededError`, and nothing is stored.

    Attributes:
        input_bytes: Bytes of input; characters, where the input is text already.
        rows: Values in the list.
        columns: Columns of a table.
        record_characters: Characters of one line, and of one record of delimited text, which
            is several lines where quotes span them. Besides, no field may be longer than the
            limit of Python's csv module, which is 131,072 unless the host has changed it.
        reported_rejects: Rejects in the report; the file of rejects holds them all.
    """

    input_bytes: int = 1_000_000_000
    rows: int = 20_000_000
    columns: int = 1_000
    record_characters: int = 1_000_000
    reported_rejects: int = 1_000


DEFAULT_LIMITS = Limits()
"""Safe for a host with 256 MiB to spare, and enough for ten million codes."""
