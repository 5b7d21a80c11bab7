"""From groups and their members to files that machines and people read."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import attrs

from customer_groups.files.dialects import Dialect, parse_dialect
from customer_groups.files.formats import CSV, EXPORTS
from customer_groups.files.progress import OnProgress
from customer_groups.files.tables import Row, open_table
from customer_groups.files.target import Target
from customer_groups.paging import MAX_PAGE, Page
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary
from customer_groups.repository import UnitOfWork
from customer_groups.searching import GroupMember, get_group, list_customers

__all__ = ["CUSTOMER_COLUMNS", "GROUP_COLUMNS", "export_customers", "export_groups"]

T = TypeVar("T")

GROUP_COLUMNS = (
    "code",
    "name",
    "status",
    "customers",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "attributes",
)
"""The columns that `export_groups` writes."""

CUSTOMER_COLUMNS = ("key", "code", "name", "since", "by")
"""The columns that `export_customers` writes."""

_ALL_GROUPS = GroupQuery()


def export_groups(
    work: UnitOfWork,
    target: Target,
    *,
    query: GroupQuery = _ALL_GROUPS,
    format: str | None = None,
    dialect: str = Dialect.EXACT,
    on_progress: OnProgress | None = None,
) -> int:
    """Write groups to a file, in the order of their codes.

    The columns are `GROUP_COLUMNS`. Times are ISO 8601 in UTC. The attributes are an object
    in JSON Lines, and that object as JSON text in CSV. Memory does not grow with the result.

    Args:
        work: The unit of work.
        target: A path, replaced as a whole once everything is written, or an open file of
            bytes or text, which is left open.
        query: Which groups; its order makes no difference.
        format: ``"csv"`` or ``"jsonl"``. By default what the suffix of the file says, .csv,
            .jsonl or .ndjson; CSV for an open file without one.
        dialect: For CSV, ``"exact"`` to write every text as it is; ``"spreadsheet"`` to
            put ``'`` in front of what a spreadsheet would take for a formula.
        on_progress: Called with the number of rows written and the number of all rows,
            after every thousand and at the end.

    Returns:
        How many groups were written.

    Raises:
        UnknownFormatError: the suffix says none of the formats.
        InvalidValueError: there is no such dialect.
        OSError: the file cannot be written.
    """
    by_code = attrs.evolve(query, order_by=GroupOrder.CODE)
    groups = work.groups
    export = _Export.to(target, format, dialect, on_progress)
    total = groups.find(by_code, limit=1, with_total=True).total if on_progress else None
    pages = _pages(lambda after: groups.find(by_code, limit=MAX_PAGE, after=after))
    return export.write(
        GROUP_COLUMNS,
        ([_group_row(summary, export.format) for summary in page] for page in pages),
        total,
    )


def export_customers(
    work: UnitOfWork,
    code: str,
    target: Target,
    *,
    format: str | None = None,
    dialect: str = Dialect.EXACT,
    on_progress: OnProgress | None = None,
) -> int:
    """Write the members of a group to a file, in the order of their keys.

    The columns are `CUSTOMER_COLUMNS`: key, code and name of the customer, since when it is
    a member, and who added it. A member whom the host no longer has is written without code
    and name. `import_customers` with ``by_key`` reads the file back.

    Args:
        work: The unit of work.
        code: The code of the group.
        target: As for `export_groups`, like all that follow.
        format: As there.
        dialect: As there.
        on_progress: As there.

    Returns:
        How many members were written.

    Raises:
        GroupNotFoundError: there is no group with this code.
        UnknownFormatError: the suffix says none of the formats.
        InvalidValueError: there is no such dialect.
        OSError: the file cannot be written.
    """
    summary = get_group(work, code)
    export = _Export.to(target, format, dialect, on_progress)
    pages = _pages(lambda after: list_customers(work, code, limit=MAX_PAGE, after=after))
    return export.write(
        CUSTOMER_COLUMNS,
        ([_customer_row(member) for member in page] for page in pages),
        summary.customers,
    )


def _pages(fetch: Callable[[str | None], Page[T]]) -> Iterator[tuple[T, ...]]:
    page = fetch(None)
    yield page.items
    while page.next is not None:
        page = fetch(page.next)
        yield page.items


def _group_row(summary: GroupSummary, format: str) -> Row:
    group = summary.group
    attributes = dict(group.attributes)
    return (
        group.code,
        group.name,
        group.status.value,
        summary.customers,
        group.created_at.isoformat(),
        group.created_by,
        group.updated_at.isoformat(),
        group.updated_by,
        json.dumps(attributes, ensure_ascii=False) if format == CSV else attributes,
    )


def _customer_row(member: GroupMember) -> Row:
    membership, customer = member.membership, member.customer
    return (
        membership.customer,
        customer.code if customer else None,
        customer.name if customer else None,
        membership.added_at.isoformat(),
        membership.added_by,
    )


@attrs.frozen
class _Export:
    """A file to write, as it was asked for."""

    target: Target
    format: str
    dialect: Dialect
    on_progress: OnProgress | None

    @classmethod
    def to(
        cls,
        target: Target,
        format: str | None,
        dialect: str,
        on_progress: OnProgress | None,
    ) -> "_Export":
        file = Path(target) if isinstance(target, str) else target
        return cls(file, EXPORTS.choose(format, file), parse_dialect(dialect), on_progress)

    def write(self, columns: tuple[str, ...], pages: Iterator[list[Row]], total: int | None) -> int:
        written = 0
        with open_table(
            self.target, columns, format=self.format, dialect=self.dialect
        ) as write_rows:
            for rows in pages:
                write_rows(rows)
                written += len(rows)
                if self.on_progress:
                    self.on_progress(written, total)
        return written
