"""What users of a storage shall do at the same time, drawn for one group."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeAlias

import attrs

from customer_groups.codes import GroupCode
from customer_groups.customers import Customer, CustomerKey
from customer_groups.query import GroupQuery
from customer_groups.testing.comparison import Call, call
from customer_groups.testing.contracts.values import MORNING, NOON, group, lines
from customer_groups.testing.histories import Program, RemoveSeen, Rename, Step, Transaction
from customer_groups.text import equals

__all__ = ["RUNNERS", "Plan", "plan_groups", "plan_members", "plan_rekeying", "summary_call"]

RUNNERS = tuple(Customer(f"c{number}", key=CustomerKey(f"k{number}")) for number in range(24))
"""The customers that join and leave at the same time; their keys are not their codes."""

_FEW = RUNNERS[:4]
_USERS = ("user 0", "user 1", "user 2")
_TRANSACTIONS = 3
_PAUSES = (0.0, 0.0, 0.000_5, 0.001)  # seconds
_SHARE_OF_UNDONE = 0.15
_SHARE_OF_FIRST = 0.75

_Steps: TypeAlias = tuple[Step, ...]
_Kinds: TypeAlias = Mapping[Callable[[Random, GroupCode, str], _Steps], int]
"""What a user may do, and how often."""


@attrs.frozen
class Plan:
    """What shall happen to one group, or to two.

    Attributes:
        before: What is done first.
        meanwhile: What is done at the same time then, user by user.
        afterwards: How one looks at what came of it.
    """

    before: Program
    meanwhile: Sequence[Program]
    afterwards: Program


def plan_members(draw: Random, code: GroupCode) -> Plan:
    """Draw changes of the members of two groups that stay, and looks at them."""
    kinds: _Kinds = {_adding: 4, _removing: 2, _replacing: 2, _swapping: 2, _looking_at_members: 4}
    codes = (code, GroupCode(f"{code}.B"))
    return _plan(draw, codes, kinds, existing=codes, looks=(summary_call, _members_call))


def plan_rekeying(draw: Random, code: GroupCode) -> Plan:
    """Draw changes of the members of a group that stays, and of the keys of customers.

    There must be no other group: its members would get other keys, too.
    """
    kinds: _Kinds = {_adding: 3, _removing: 2, _rekeying: 3, _looking_at_members: 2}
    return _plan(draw, (code,), kinds, existing=(code,), looks=(summary_call, _members_call))


def plan_groups(draw: Random, code: GroupCode) -> Plan:
    """Draw changes of two groups that come and go, and looks at them."""
    kinds: _Kinds = {
        _creating: 3,
        _renaming: 3,
        _reading_and_renaming: 3,
        _deleting: 2,
        _deleting_as_seen: 1,
        _adding: 2,
        _looking_at_the_group: 3,
    }
    codes = (code, GroupCode(f"{code}.B"))
    return _plan(draw, codes, kinds, existing=(code,), looks=(summary_call,))


def summary_call(code: GroupCode) -> Call:
    """Return the search for one group."""
    return call("find", GroupQuery(code=equals(code)), limit=10)


def _members_call(code: GroupCode) -> Call:
    return call("members", code, limit=100)


def _plan(
    draw: Random,
    codes: Sequence[GroupCode],
    kinds: _Kinds,
    *,
    existing: Sequence[GroupCode],
    looks: Sequence[Callable[[GroupCode], Call]],
) -> Plan:
    before = [
        Transaction(group=code, steps=(call("add", group(code)), *_adding(draw, code, "before")))
        for code in existing
    ]
    meanwhile = [
        Program(who, [_transaction(draw, codes, who, kinds) for _ in range(_TRANSACTIONS)])
        for who in _USERS
    ]
    afterwards = [Transaction(group=code, steps=(look(code),)) for code in codes for look in looks]
    return Plan(Program("before", before), meanwhile, Program("afterwards", afterwards))


def _transaction(draw: Random, codes: Sequence[GroupCode], who: str, kinds: _Kinds) -> Transaction:
    code = codes[0] if draw.random() < _SHARE_OF_FIRST else codes[-1]
    (kind,) = draw.choices(list(kinds), list(kinds.values()))
    return Transaction(
        group=code,
        steps=kind(draw, code, who),
        pause=draw.choice(_PAUSES),
        is_undone=draw.random() < _SHARE_OF_UNDONE,
    )


def _adding(draw: Random, code: GroupCode, who: str) -> _Steps:
    return (_list_call(draw, "add_members", code, who),)


def _removing(draw: Random, code: GroupCode, who: str) -> _Steps:
    return (_list_call(draw, "remove_members", code, who),)


def _replacing(draw: Random, code: GroupCode, who: str) -> _Steps:
    return (_list_call(draw, "replace_members", code, who),)


def _swapping(draw: Random, code: GroupCode, who: str) -> _Steps:
    return (*_removing(draw, code, who), *_adding(draw, code, who))


def _list_call(draw: Random, method: str, code: GroupCode, who: str) -> Call:
    listed = draw.sample(_FEW, draw.choice((1, 2, 3)))
    by_key = draw.choice((True, False))
    values = [str(customer.key if by_key else customer.code) for customer in listed]
    at = draw.choice((MORNING, NOON))
    return call(method, code, tuple(lines(*values)), at=at, by=who, by_key=by_key)


def _rekeying(draw: Random, code: GroupCode, who: str) -> _Steps:  # noqa: ARG001 - as all are called
    old, new, other = (customer.key for customer in draw.sample(_FEW, 3))
    mapping = draw.choice([{old: new}, {old: None}, {old: new, new: old}, {old: new, new: other}])
    return (call("rekey_customers", mapping, at=NOON, by=who),)


def _looking_at_members(draw: Random, code: GroupCode, who: str) -> _Steps:  # noqa: ARG001
    keys = [customer.key for customer in _FEW]
    which = call("which_are_members", code, keys)
    return (draw.choice([summary_call(code), _members_call(code), which]),)


def _creating(draw: Random, code: GroupCode, who: str) -> _Steps:
    # No version comes twice, so a version that was read cannot be mistaken for a later one.
    version = 100 * draw.randrange(1, 1_000_000)
    return (call("add", attrs.evolve(group(code, _name(draw, code, who)), version=version)),)


def _renaming(draw: Random, code: GroupCode, who: str) -> _Steps:
    return (Rename(code, _name(draw, code, who)),)


def _reading_and_renaming(draw: Random, code: GroupCode, who: str) -> _Steps:
    return (call("get", code), *_renaming(draw, code, who))


def _name(draw: Random, code: GroupCode, who: str) -> str:
    """Return a name that no other group has."""
    return f"{code} of {who}, {draw.randrange(1_000)}"


def _deleting(draw: Random, code: GroupCode, who: str) -> _Steps:  # noqa: ARG001
    return (call("remove", code),)


def _deleting_as_seen(draw: Random, code: GroupCode, who: str) -> _Steps:  # noqa: ARG001
    return (RemoveSeen(code),)


def _looking_at_the_group(draw: Random, code: GroupCode, who: str) -> _Steps:  # noqa: ARG001
    return (draw.choice([summary_call(code), call("get", code)]),)
