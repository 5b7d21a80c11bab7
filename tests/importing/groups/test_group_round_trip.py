"""Groups that were exported with their members come back as they were."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.customers import Customer
from customer_groups.exporting import export_groups
from customer_groups.files.dialects import Dialect
from customer_groups.importing import import_groups
from customer_groups.model import CustomerGroup
from customer_groups.testing import strategies as values
from customer_groups.text import name_key
from group_files import contents
from stores import OpensStore, memory_store, sql_store

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)

FORMATS: dict[str, tuple[str, str, Dialect]] = {
    "exact": ("csv", "delimited", Dialect.EXACT),
    "spreadsheet": ("csv", "delimited", Dialect.SPREADSHEET),
    "xlsx": ("xlsx", "xlsx", Dialect.EXACT),
    "guarded xlsx": ("xlsx", "xlsx", Dialect.SPREADSHEET),
    "jsonl": ("jsonl", "jsonl", Dialect.EXACT),
    "jsonl for spreadsheets": ("jsonl", "jsonl", Dialect.SPREADSHEET),
}


@attrs.frozen
class Filled:
    """What is in a store.

    Attributes:
        customers: The customers of the host.
        groups: The groups, and the keys of their members.
    """

    customers: Sequence[Customer]
    groups: Sequence[tuple[CustomerGroup, Sequence[str]]]


@st.composite
def filled(draw: st.DrawFn) -> Filled:
    """Generate what is in a store: any groups, with any active customers."""
    customers = draw(values.customers())
    keys = [customer.key for customer in customers if customer.active]
    members = st.lists(st.sampled_from(keys), unique=True) if keys else st.just([])
    groups = draw(
        st.lists(
            values.groups(),
            max_size=4,
            unique_by=(lambda group: group.code, lambda group: name_key(group.name)),
        )
    )
    return Filled(customers, [(group, draw(members)) for group in groups])


@given(
    format=st.sampled_from(list(FORMATS)),
    data=filled(),
    opened=st.sampled_from([memory_store, sql_store]),
)
def test_exported_groups_come_back(format: str, data: Filled, opened: OpensStore) -> None:
    """With code, name, status, attributes and members; and a second import changes nothing."""
    written, read, dialect = FORMATS[format]
    file = io.BytesIO()
    with opened(data.customers) as store, store.transaction() as work:
        for group, members in data.groups:
            work.groups.add(group)
            entries = enumerate(members, 1)
            work.groups.add_members(group.code, entries, at=MOMENT, by=None, by_key=True)
        before = contents(work)
        export_groups(work, file, members=True, format=written, dialect=dialect)

    with opened(data.customers) as store, store.transaction() as work:
        for created in (len(before), 0):
            file.seek(0)
            report = import_groups(work, file, format=read, dialect=dialect)
            assert (report.rejects, report.groups.created, report.groups.updated) == (
                (),
                created,
                0,
            )
            assert contents(work) == before
