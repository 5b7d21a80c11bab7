"""From groups and their members to files that machines and people read."""

from collections.abc import Iterator

import attrs

from customer_groups.files.dialects import Dialect
from customer_groups.files.exports import Export, writer_for
from customer_groups.files.progress import OnProgress
from customer_groups.files.reading import Layout
from customer_groups.files.target import Target
from customer_groups.files.writing import Fields, Writer
from customer_groups.paging import MAX_PAGE, walk
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary
from customer_groups.repository import UnitOfWork
from customer_groups.searching import GroupMember, get_group, list_customers

__all__ = [
    "CUSTOMER_COLUMNS",
    "GROUP_COLUMNS",
    "GROUP_MEMBER_COLUMNS",
    "export_customers",
    "export_groups",
]

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

GROUP_MEMBER_COLUMNS = (
    *GROUP_COLUMNS,
    "customer_key",
    "customer_code",
    "customer_name",
    "since",
    "by",
)
"""The columns that `export_groups` writes with members."""

_ALL_GROUPS = GroupQuery()

_Row = tuple[object, ...]

_NO_MEMBER: _Row = (None,) * len(CUSTOMER_COLUMNS)


def export_groups(
    work: UnitOfWork,
    target: Target,
    *,
    query: GroupQuery = _ALL_GROUPS,
    members: bool = False,
    format: str | Writer | None = None,
    dialect: str = Dialect.EXACT,
    delimiter: str | None = None,
    on_progress: OnProgress | None = None,
) -> int:
    """Write groups to a file, in the order of their codes.

    The columns are `GROUP_COLUMNS`; with members `GROUP_MEMBER_COLUMNS`. Times are ISO 8601
    in UTC. The attributes are an object in JSON Lines, and elsewhere that object as JSON
    text. Memory does not grow with the result.

    Args:
        work: The unit of work.
        target: A path, replaced as a whole once everything is written, or an open file of
            bytes or text, which is left open.
        query: Which groups; its order makes no difference.
        members: Whether to write a row for each member of each group, in the order of their
            keys, and for a group without members one row without any; `import_groups`
            reads that back. The columns of the group are the same in all its rows.
        format: ``"csv"``, ``"xlsx"`` or ``"jsonl"``, or a writer of your own. By default what
            the suffix of the file says, .csv, .xlsx, .jsonl or .ndjson; CSV for an open file
            without one.
        dialect: ``"exact"`` to write every text as it is; ``"spreadsheet"`` to put ``'`` in
            front of what a spreadsheet would take for a formula, for CSV that people open;
            in XLSX text is text without that. JSON Lines are the same in both. A writer of
            your own has its own dialect; name none beside it.
        delimiter: What separates the cells of CSV; None for a comma. Excel shows columns only
            where it is the list separator of the country: in much of Europe a semicolon. A
            writer of your own has its own delimiter; name none beside it.
        on_progress: Called with the number of rows written and the number of all rows,
            after every thousand and at the end.

    Returns:
        How many rows were written: without members, that is how many groups.

    Raises:
        UnknownFormatError: the suffix says none of the formats.
        InvalidValueError: there is no such dialect, or no such delimiter; or one is named
            beside a writer; or the open file takes text, and XLSX is bytes.
        UnwritableError: the format cannot hold a text that long, or as many rows.
        GroupNotFoundError: somebody removed a group while its members were to be written.
        OSError: the file cannot be written.
    """
    by_code = attrs.evolve(query, order_by=GroupOrder.CODE)
    writer = writer_for(target, format, Layout(dialect=dialect, delimiter=delimiter))
    export = Export(target, writer, on_progress)

    def groups() -> Iterator[GroupSummary]:
        return walk(lambda after: work.groups.find(by_code, limit=MAX_PAGE, after=after))

    if members:
        total = sum(max(1, each.customers) for each in groups()) if on_progress else None
        rows = (row for each in groups() for row in _rows_with_members(work, each))
        return export.write(GROUP_MEMBER_COLUMNS, rows, total)
    total = work.groups.find(by_code, limit=1, with_total=True).total if on_progress else None
    return export.write(GROUP_COLUMNS, map(_group_row, groups()), total)


def export_customers(
    work: UnitOfWork,
    code: str,
    target: Target,
    *,
    format: str | Writer | None = None,
    dialect: str = Dialect.EXACT,
    delimiter: str | None = None,
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
        delimiter: As there.
        on_progress: As there.

    Returns:
        How many members were written.

    Raises:
        GroupNotFoundError: there is no group with this code.
        UnknownFormatError, InvalidValueError, UnwritableError, OSError: as for
            `export_groups`.
    """
    summary = get_group(work, code)
    writer = writer_for(target, format, Layout(dialect=dialect, delimiter=delimiter))
    export = Export(target, writer, on_progress)
    return export.write(CUSTOMER_COLUMNS, _member_rows(work, code), summary.customers)


def _rows_with_members(work: UnitOfWork, summary: GroupSummary) -> Iterator[_Row]:
    group = _group_row(summary)
    if not summary.customers:
        yield group + _NO_MEMBER
        return
    for member in _member_rows(work, summary.group.code):
        yield group + member


def _group_row(summary: GroupSummary) -> _Row:
    group = summary.group
    return (
        group.code,
        group.name,
        group.status.value,
        summary.customers,
        group.created_at.isoformat(),
        group.created_by,
        group.updated_at.isoformat(),
        group.updated_by,
        Fields(group.attributes),
    )


def _member_rows(work: UnitOfWork, code: str) -> Iterator[_Row]:
    members = walk(lambda after: list_customers(work, code, limit=MAX_PAGE, after=after))
    return map(_member_row, members)


def _member_row(member: GroupMember) -> _Row:
    membership, customer = member.membership, member.customer
    return (
        membership.customer,
        customer.code if customer else None,
        customer.name if customer else None,
        membership.added_at.isoformat(),
        membership.added_by,
    )
