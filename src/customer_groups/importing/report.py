"""What an import tells when it is done."""

from datetime import datetime

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.files.reading import Detected
from customer_groups.importing.modes import ImportMode
from customer_groups.outcomes import OutcomeCounts, Reject

__all__ = ["ImportReport"]


@attrs.frozen(kw_only=True)
class ImportReport:
    """What became of a list.

    `make_converter` makes a record of it, to be kept: `undo_import` needs it.

    Attributes:
        group: The code of the group.
        group_created_at: When the group was made; another one may have its code later.
        mode: What the list meant for the members.
        counts: How many values had each outcome; all add up to ``values``, but for
            ``removed`` where the list replaced the members: there it says how many left.
        values: How many values were read.
        blank_lines: How many lines had nothing on them.
        header_lines: How many lines say what is in the others.
        rejects: The first rejects, by line; of those on one line, the malformed ones first.
        leaving: Where the list replaced the members, the keys of the first who left, in
            code-point order; as many as rejects, at most.
        dry_run: Whether the import was only tried, and nothing changed.
        detected: How the list was laid out, be it said by the caller or found.
    """

    group: GroupCode
    group_created_at: datetime
    mode: ImportMode
    counts: OutcomeCounts
    values: int
    blank_lines: int
    header_lines: int
    rejects: tuple[Reject, ...]
    leaving: tuple[CustomerKey, ...]
    dry_run: bool
    detected: Detected

    @property
    def rejects_omitted(self) -> int:
        """How many rejects there are beside those in ``rejects``."""
        return self.counts.rejected - len(self.rejects)

    @property
    def leaving_omitted(self) -> int:
        """How many members left beside those in ``leaving``, where the list replaced them."""
        return self.counts.removed - len(self.leaving) if self.mode is ImportMode.REPLACE else 0
