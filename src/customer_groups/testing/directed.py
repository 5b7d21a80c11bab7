"""Strategies that aim at what is stored already, where adapters go wrong.

A value drawn at random is hardly ever equal, or almost equal, to one that is stored.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Protocol

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey, parse_customer_code
from customer_groups.errors import InvalidCustomerCodeError
from customer_groups.model import CustomerGroup, GroupStatus
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.testing.comparison import Call, ListChange, call
from customer_groups.testing.model import GroupModel
from customer_groups.testing.strategies import (
    actors,
    attributes,
    customer_codes,
    customers,
    group_codes,
    groups,
    name_variants,
    names,
    near_misses,
    queries,
    times,
)
from customer_groups.text import name_key

__all__ = [
    "LIST_METHODS",
    "MORNING",
    "Start",
    "broken_changes",
    "changed_directories",
    "changes",
    "codes",
    "key_lists",
    "listings",
    "mappings",
    "moments",
    "new_groups",
    "other_lists",
    "replacements",
    "starts",
]

USUAL_CODES = (GroupCode("A"), GroupCode("A-1"), GroupCode("A_1"))
LIST_METHODS = ("add_members", "replace_members", "remove_members")
MORNING = datetime(2026, 1, 1, 6, tzinfo=UTC)
FEW = 20


# What does not depend on the model is made once: making a strategy takes longer than to draw
# from it.
_actors, _attributes, _customer_codes = cache(actors), cache(attributes), cache(customer_codes)
_names, _customers = cache(names), cache(customers)


@cache
def moments() -> SearchStrategy[datetime]:
    """Generate moments of which many are equal or one microsecond apart."""
    near = st.integers(0, 3).map(lambda steps: MORNING + timedelta(microseconds=steps))
    return near | times()


@cache
def _groups() -> SearchStrategy[CustomerGroup]:
    return groups(code=st.sampled_from(USUAL_CODES) | group_codes(), time=moments())


@cache
def _odd_attributes() -> SearchStrategy[dict[str, str]]:
    """Generate attributes that mean something else to a careless storage."""
    keys, values = ("a.b", "a_b", "$a", "a=b"), ("", "1.0", "null", "b=c")
    return st.dictionaries(st.sampled_from(keys), st.sampled_from(values), min_size=1)


def _code_of(group: CustomerGroup) -> GroupCode:
    return group.code


def _name_key_of(group: CustomerGroup) -> str:
    return name_key(group.name)


class _Printer(Protocol):
    """By which Hypothesis shows what it drew."""

    def text(self, text: str) -> None:
        """Show this."""


@cache
def _first_groups() -> SearchStrategy[list[CustomerGroup]]:
    return st.lists(_groups(), min_size=1, max_size=4, unique_by=(_code_of, _name_key_of))


@attrs.frozen
class Start:
    """What a storage begins with.

    Attributes:
        customers: The directory while members are added.
        groups: The groups.
        members: The keys of those who shall be members of each.
        directory: The directory from then on.
    """

    customers: Sequence[Customer]
    groups: Sequence[CustomerGroup]
    members: Sequence[CustomerKey]
    directory: Sequence[Customer]

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:  # noqa: ARG002, FBT001 - the protocol of printers
        printer.text("see the program above")

    def first_members(self, group: CustomerGroup) -> ListChange:
        """Return the call that gives a group its first members."""
        return ListChange(
            method="add_members",
            code=group.code,
            entries=tuple(enumerate(self.members, start=1)),
            at=MORNING,
            by_key=True,
        )


@st.composite
def starts(draw: st.DrawFn) -> Start:
    """Generate what a storage begins with."""
    directory = draw(_customers(min_size=2))
    return Start(
        directory,
        draw(_first_groups()),
        draw(st.lists(st.sampled_from([customer.key for customer in directory]))),
        draw(changed_directories(directory)),
    )


@st.composite
def changed_directories(draw: st.DrawFn, directory: Sequence[Customer]) -> list[Customer]:
    """Generate what becomes of a directory: customers change, leave and arrive.

    Args:
        draw: Supplied by Hypothesis.
        directory: The customers as they are now.
    """
    codes = [None, *(customer.code for customer in directory)]
    changed = []
    for customer in directory:
        other = attrs.evolve(customer, code=draw(st.sampled_from(codes)))
        switched = attrs.evolve(customer, active=not customer.active)
        changed.append(draw(st.sampled_from([customer, customer, switched, other, None])))
    left = [customer for customer in changed if customer is not None]
    taken = {customer.key for customer in left}
    arrived = draw(_customers(max_size=2))
    return [*left, *(customer for customer in arrived if customer.key not in taken)]


def codes(model: GroupModel) -> SearchStrategy[GroupCode]:
    """Generate codes of groups, most of which exist."""
    return st.sampled_from([*model.summaries, *model.summaries, *USUAL_CODES])


@st.composite
def new_groups(draw: st.DrawFn, model: GroupModel) -> CustomerGroup:
    """Generate groups to add; some have a code or a name that is taken, or almost."""
    group = draw(_groups())
    code = draw(st.sampled_from([group.code, group.code, *model.summaries]))
    return attrs.evolve(group, code=code, name=draw(_group_names(model)))


def _group_names(model: GroupModel) -> SearchStrategy[str]:
    if not model.summaries:
        return _names()
    known = st.sampled_from([group.name for group in model.groups])
    return st.one_of(_names(), known.flatmap(name_variants), known.flatmap(near_misses))


@st.composite
def replacements(draw: st.DrawFn, model: GroupModel) -> CustomerGroup:
    """Generate changed values of groups; some are stale, some have a name that is taken."""
    group = draw(st.sampled_from(model.groups))
    version = group.version
    return attrs.evolve(
        group,
        name=draw(st.just(group.name) | name_variants(group.name) | _group_names(model)),
        status=draw(st.sampled_from(GroupStatus)),
        attributes=draw(_attributes() | _odd_attributes()),
        version=draw(st.sampled_from([version, version, version, version + 1, 1])),
        updated_at=draw(moments()),
        updated_by=draw(_actors()),
    )


def listings(model: GroupModel) -> SearchStrategy[list[Call]]:
    """Generate calls that return pages; which page, is left open."""
    return st.lists(_found(model) | _found(model) | _members(model), min_size=1, max_size=4)


@st.composite
def _found(draw: st.DrawFn, model: GroupModel) -> Call:
    query = draw(
        queries(
            names=[group.name for group in model.groups],
            codes=[*model.summaries],
            customers=[*_member_keys(model), "0"],
        )
    )
    kept = draw(st.sampled_from(["", "name", "name", "code", "status", "customer", "all"]))
    if kept != "all":
        only = {kept: getattr(query, kept)} if kept else {}
        query = GroupQuery(order_by=query.order_by, **only)
    return call("find", query, with_total=draw(st.booleans()))


@st.composite
def _members(draw: st.DrawFn, model: GroupModel) -> Call:
    code = draw(codes(model))
    stored = {each.added_at for each in model.memberships.get(code, {}).values()}
    return call("members", code, added_at=draw(st.sampled_from([None, MORNING, *sorted(stored)])))


def other_lists(listing: Call, model: GroupModel) -> list[Call]:
    """Return lists to which a cursor of this list does not belong."""
    own = listing.arguments[0]
    codes = [code for code in model.summaries if code != own]
    query = own if isinstance(own, GroupQuery) else GroupQuery()
    queries = [
        *(attrs.evolve(query, order_by=order) for order in GroupOrder),
        *(attrs.evolve(query, status=status) for status in GroupStatus),
        attrs.evolve(query, name="another"),
    ]
    return [
        *(call("members", code, added_at=listing.options.get("added_at")) for code in codes),
        *(call("find", query) for query in queries if query != own),
    ]


def _member_keys(model: GroupModel) -> list[CustomerKey]:
    keys = {key for members in model.memberships.values() for key in members}
    return sorted(keys)[:FEW]


@st.composite
def _values(draw: st.DrawFn, model: GroupModel, *, by_key: bool) -> list[str]:
    """Generate codes or keys of customers to choose from: known, similar and any ones."""
    few = model.customers[:FEW]
    keys, codes = [each.key for each in few], [each.code for each in few if each.code]
    of_members = _member_keys(model)
    known = [*keys, *of_members, *codes[:3]] if by_key else [*codes, *codes, *of_members]
    similar = draw(st.sampled_from([*known, "0"]).map(_similar))
    return [*known, *similar, draw(_customer_codes())]


def _similar(text: str) -> list[str]:
    candidates = (
        *(text.swapcase(), text.upper(), text.lower(), text.lstrip("0"), f"0{text}"),
        *(f"{text}0", text[:-1], text[1:], f"{text[:-1]}%", f"{text[:-1]}_"),
    )
    return [other for other in candidates if other != text and _is_customer_code(other)]


def _is_customer_code(text: str) -> bool:
    try:
        return parse_customer_code(text) == text
    except InvalidCustomerCodeError:
        return False


def _both_names_of_a_member(model: GroupModel) -> SearchStrategy[tuple[str, ...]]:
    """Generate the code and the key of one member, or nothing."""
    members = _member_keys(model)
    both = [(each.code, each.key) for each in model.customers if each.key in members and each.code]
    return st.sampled_from([(), *both])


@st.composite
def changes(draw: st.DrawFn, model: GroupModel, *, by_key: bool) -> ListChange:
    """Generate changes of members by short lists of codes, or of keys."""
    known = st.sampled_from(draw(_values(model, by_key=by_key)))
    values = [*draw(st.lists(known, max_size=8)), *draw(_both_names_of_a_member(model))]
    steps = draw(st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values)))
    return ListChange(
        method=draw(st.sampled_from(LIST_METHODS)),
        code=draw(codes(model)),
        entries=tuple(zip(accumulate([1, *steps]), values, strict=False)),
        at=draw(moments()),
        by=draw(_actors()),
        by_key=by_key,
        one_shot=draw(st.booleans()),
        heard=draw(st.booleans()),
    )


@st.composite
def broken_changes(draw: st.DrawFn, model: GroupModel) -> ListChange:
    """Generate changes of which the list or the listener raises, of groups that exist."""
    return attrs.evolve(
        draw(changes(model, by_key=draw(st.booleans()))),
        code=draw(st.sampled_from([*model.summaries])),
        heard=True,
        broken=draw(st.sampled_from(["list", "listener"])),
    )


@st.composite
def key_lists(draw: st.DrawFn, model: GroupModel) -> list[CustomerKey]:
    """Generate keys to look up."""
    values = draw(_values(model, by_key=True))
    return [CustomerKey(value) for value in draw(st.lists(st.sampled_from(values), max_size=8))]


@st.composite
def mappings(draw: st.DrawFn, model: GroupModel) -> Mapping[CustomerKey, CustomerKey | None]:
    """Generate new keys by old keys: merged, swapped, forgotten ones and others."""
    keys = [CustomerKey(value) for value in draw(_values(model, by_key=True))]
    old = st.sampled_from([*_member_keys(model), *keys])
    new = draw(st.lists(st.sampled_from([None, *keys]), min_size=1, max_size=2))
    return draw(st.dictionaries(old, st.sampled_from(new), max_size=5))
