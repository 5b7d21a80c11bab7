"""What an import tells when it is done."""

import attrs

from customer_groups.codes import GroupCode
from customer_groups.files.reading import Detected
from customer_groups.outcomes import OutcomeCounts, Reject

__all__ = ["ImportReport"]


@attrs.frozen(kw_only=True)
class ImportReport:
    """What became of a list.

    Attributes:
        group: The code of the group.
        counts: How many values had each outcome; all but ``removed`` add up to ``values``.
        values: How many values were read.
        blank_lines: How many lines had nothing on them.
        header_lines: How many lines say what is in the others.
        rejects: The first rejects, by line; of those on one line, the malformed ones first.
        rejects_omitted: How many more there are.
        dry_run: Whether the import was only tried, and nothing changed.
        detected: How the list was laid out, be it said by the caller or found.
    """

    group: GroupCode
    counts: OutcomeCounts
    values: int
    blank_lines: int
    header_lines: int
    rejects: tuple[Reject, ...]
    rejects_omitted: int
    dry_run: bool
    detected: Detected
