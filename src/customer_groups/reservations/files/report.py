"""What an import of reservations tells when it is done."""

from collections.abc import Mapping

import attrs

from customer_groups.files.reading import Detected
from customer_groups.reservations.files.outcomes import RowOutcome, RowReject

__all__ = ["ReservationsReport"]


@attrs.frozen(kw_only=True)
class ReservationsReport:
    """What became of a file of reservations.

    Attributes:
        request_id: What the ids of the rows that have none begin with.
        counts: How many rows had each outcome; all outcomes are there, and all rows are
            counted once.
        blank_lines: How many lines had nothing on them.
        header_lines: How many lines say what is in the others.
        rejects: The first rejects, by line.
        dry_run: Whether the import was only tried, and nothing changed.
        detected: How the file was laid out, be it said by the caller or found.
        columns: What the column of each field is called; without those that were not there.
        ignored: What the other columns are called, which were not read.
    """

    request_id: str
    counts: Mapping[RowOutcome, int]
    blank_lines: int
    header_lines: int
    rejects: tuple[RowReject, ...]
    dry_run: bool
    detected: Detected
    columns: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(self.counts.values())

    @property
    def rejected(self) -> int:
        """How many rows somebody should look at."""
        return sum(number for outcome, number in self.counts.items() if outcome.is_reject)

    @property
    def rejects_omitted(self) -> int:
        """How many rejects there are beside those in ``rejects``."""
        return self.rejected - len(self.rejects)
