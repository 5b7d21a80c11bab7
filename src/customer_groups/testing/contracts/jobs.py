"""What is done, again and again, while the storage fails."""

import attrs

from customer_groups.codes import GroupCode
from customer_groups.model import CustomerGroup
from customer_groups.query import GroupQuery
from customer_groups.repository import GroupRepository
from customer_groups.testing.comparison import Everything, ListChange, call
from customer_groups.testing.contracts.values import NOON, A, B, crowd, group, keys, lines
from customer_groups.testing.faults import Job
from customer_groups.testing.model import GroupModel

__all__ = [
    "ADDING",
    "CROWD",
    "CROWDED",
    "FILLING",
    "JOINING",
    "LONG",
    "READING",
    "REKEYING",
    "REMOVING",
    "RENAMING",
    "SEVERAL",
    "SINGLE",
    "TALE",
    "TELLING",
]


def _list_change(method: str, code: GroupCode, *customers: str) -> ListChange:
    entries = tuple(lines(*customers))
    return ListChange(method=method, code=code, entries=entries, at=NOON, by="bert", by_key=True)


@attrs.frozen
class _Rename:
    """Reads a group and stores it under another name; the version tells how often."""

    def __call__(self, groups: GroupRepository | GroupModel) -> CustomerGroup:
        return groups.replace(groups.get(A).renamed("Another", at=NOON, by="bert"))


ONE, TWO, THREE = keys("ONE", "TWO", "THREE")

FILLING = Job(
    "two groups with members",
    (
        *(call("add", group("A")), call("add", group("B"))),
        _list_change("add_members", A, "ONE", "TWO"),
        _list_change("add_members", B, "ONE", "THREE"),
    ),
)
"""What is stored before each of the jobs."""

ADDING = Job("adding a group", (call("add", group("C")),))
RENAMING = Job("renaming a group", (_Rename(),))
JOINING = Job("adding members", (_list_change("add_members", A, "TWO", "THREE", "k-new"),))
REKEYING = Job(
    "giving customers of two groups other keys",
    (call("rekey_customers", {ONE: TWO, THREE: None}, at=NOON, by="bert"),),
)
REMOVING = Job("removing a group with members", (call("remove", A),))
SINGLE: tuple[Job, ...] = (
    JOINING,
    REKEYING,
    ADDING,
    RENAMING,
    REMOVING,
    Job("replacing members", (_list_change("replace_members", A, "TWO", "THREE"),)),
    Job("removing members", (_list_change("remove_members", A, "TWO", "THREE"),)),
)
"""Every kind of change, each alone in its transaction."""

SEVERAL = Job(
    "several changes in one transaction",
    (
        *ADDING.calls,
        *RENAMING.calls,
        *JOINING.calls,
        _list_change("replace_members", B, "TWO"),
        _list_change("remove_members", A, "TWO"),
        *REKEYING.calls,
        call("remove", B),
    ),
)
READING = (
    Job("reading all groups and members", (Everything(),)),
    Job("getting a group", (call("get", A),)),
    Job("counting groups", (call("find", GroupQuery(), limit=2, with_total=True),)),
    Job("reading the groups of customers", (call("groups_of", [ONE, TWO, THREE]),)),
    Job("asking who is a member", (call("which_are_members", A, [ONE, TWO, THREE]),)),
)

TALE = "tattle"
_TELLER = group("TATTLE-CODE", "Tattle name").with_attributes({TALE: TALE}, at=NOON, by=TALE)
_TOLD = tuple(lines(TALE, "ONE"))
TELLING = Job(
    f"a change and a search full of values with {TALE!r}",
    (
        call("add", _TELLER),
        call("replace", _TELLER.renamed("Tattle another", at=NOON, by=TALE)),
        call("get", _TELLER.code),
        call("find", GroupQuery(name=TALE, code=TALE, customer=TALE), limit=2, with_total=True),
        ListChange(method="add_members", code=_TELLER.code, entries=_TOLD, at=NOON, by=TALE),
        call("which_are_members", _TELLER.code, keys(TALE)),
        call("groups_of", keys(TALE)),
        call("rekey_customers", dict.fromkeys(keys("TWO"), keys(TALE)[0]), at=NOON, by=TALE),
        call("remove", _TELLER.code),
    ),
)
"""Calls whose values can be told from everything else that an error may say."""

CROWD = crowd(600)  # more than many adapters put into one statement
CROWDED = Job(
    "a group with many members",
    (
        call("add", group("A")),
        _list_change("add_members", A, *(customer.key for customer in CROWD[: len(CROWD) // 2])),
    ),
)
"""What is stored before the long jobs."""

LONG = tuple(
    Job(name, (_list_change(method, A, *(customer.key for customer in customers)),))
    for name, method, customers in (
        ("adding many members", "add_members", CROWD),
        ("replacing many members", "replace_members", CROWD[50:]),
        ("removing many members", "remove_members", CROWD),
    )
)
