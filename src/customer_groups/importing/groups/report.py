"""What an import of groups tells when it is done."""

from collections.abc import Mapping

import attrs

from customer_groups.files.reading import Detected
from customer_groups.outcomes import OutcomeCounts, Reject

__all__ = ["GroupCounts", "GroupsReport"]


@attrs.frozen(kw_only=True)
class GroupCounts:
    """How many groups of a file, each counted once, were created, updated or neither."""

    created: int
    updated: int
    unchanged: int


@attrs.frozen(kw_only=True)
class GroupsReport:
    """What became of a file of groups.

    Every row is counted once: ``rows`` is the sum of the outcomes in ``customers``, of
    ``rows_without_customer`` and of ``rows_refused``.

    Attributes:
        groups: What became of the groups.
        customers: How many rows had each outcome, of those whose group could be had and that
            name a customer. Its ``at`` is None: each group has its own.
        rows: How many rows were read.
        rows_without_customer: How many only say something of a group.
        rows_refused: How many were not used at all, because of what they say of a group, or
            because they could not be read.
        blank_lines: How many lines had nothing on them.
        header_lines: How many lines say what is in the others.
        rejects: The first rejects, by line: rows that were refused, and those whose customer
            cannot be a member. Besides the reasons of `Reject`, a reason may be

            * ``no_group``: neither the code nor the name of a group is there
            * ``group_code``, ``group_name``, ``status``, ``attributes``: that cannot be one
            * ``name_taken``: another group has this name
            * ``contradiction``: an earlier row says something else of the group
            * ``key_and_code_differ``: the customer with this key has another code
        dry_run: Whether the import was only tried, and nothing changed.
        detected: How the file was laid out, be it said by the caller or found.
        columns: What the column of each field is called; without those that were not there.
        ignored: What the other columns are called, which were not read.
    """

    groups: GroupCounts
    customers: OutcomeCounts
    rows: int
    rows_without_customer: int
    rows_refused: int
    blank_lines: int
    header_lines: int
    rejects: tuple[Reject, ...]
    dry_run: bool
    detected: Detected
    columns: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def rejects_omitted(self) -> int:
        """How many rejects there are beside those in ``rejects``."""
        return self.customers.rejected + self.rows_refused - len(self.rejects)
