"""One function for each use case, each inside the unit of work that the host passes in.

None of them begins, commits or rolls back. Where one raises, it has changed nothing, but
for the numbers that it drew. ``at`` is when something happens and ``None`` means now;
``by`` is who does it. Codes and names are taken as users type them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Protocol

import attrs

from customer_groups.codes import CodeGenerator, GroupCode, SequentialCodes, parse_group_code
from customer_groups.errors import (
    CodesExhaustedError,
    CustomersRejectedError,
    DuplicateCodeError,
    InvalidValueError,
    StaleGroupError,
)
from customer_groups.model import CustomerGroup, time_or_now
from customer_groups.outcomes import (
    REJECTS,
    WHY_REFUSED,
    Entry,
    OnOutcome,
    Outcome,
    OutcomeCounts,
    Reject,
    well_formed,
)
from customer_groups.repository import UnitOfWork

__all__ = [
    "MembersChange",
    "activate_group",
    "add_customers",
    "change_attributes",
    "create_group",
    "deactivate_group",
    "delete_group",
    "remove_customers",
    "rename_group",
    "set_customers",
]

MAX_COLLISIONS = 17  # with twice as many codes drawn after each: 131,071 in all


@attrs.frozen
class MembersChange:
    """What a change of the members of a group did.

    Attributes:
        counts: How many of the listed customers had each outcome.
        rejects: Those that were rejected, by their number in the list.
    """

    counts: OutcomeCounts
    rejects: tuple[Reject, ...] = ()


def create_group(
    work: UnitOfWork,
    name: str,
    *,
    code: str | None = None,
    codes: CodeGenerator = SequentialCodes(),  # noqa: B008  a frozen value
    attributes: Mapping[str, str] | None = None,
    customers: Iterable[str] = (),
    by_key: bool = False,
    by: str | None = None,
    at: datetime | None = None,
) -> CustomerGroup:
    """Create an active group, with its first customers.

    Args:
        work: The unit of work.
        name: Its name.
        code: Its code; None has one drawn from ``codes``.
        codes: Draws codes. Where one is taken, twice as many are drawn to get past those that
            users gave by hand or imported; after 17 collisions, 131,071 codes, it gives up.
        attributes: The host's own fields; see `Attributes`.
        customers: The codes of its first customers.
        by_key: Whether ``customers`` are keys instead of codes.
        by: Who creates it.
        at: When.

    Returns:
        The group as stored.

    Raises:
        InvalidNameError: ``name`` cannot be a name.
        InvalidGroupCodeError: ``code`` cannot be a code.
        InvalidValueError: ``attributes``, ``by`` or ``at`` break their rules.
        DuplicateNameError: another group has the same name.
        DuplicateCodeError: another group has this ``code``.
        CodesExhaustedError: all drawn codes were taken.
        CustomersRejectedError: some of ``customers`` cannot become members.
    """
    moment = time_or_now(at)
    for collisions in range(MAX_COLLISIONS):
        # Drawn outside of atomic(): undoing that would give the taken number back.
        free = _drawn(work, codes, 2**collisions) if code is None else parse_group_code(code)
        group = CustomerGroup(free, name, moment, by, attributes=attributes)
        try:
            with work.groups.atomic():
                work.groups.add(group)
                change = _change_members(
                    work.groups.add_members, free, customers, by_key=by_key, by=by, at=moment
                )
                if change.rejects:
                    raise CustomersRejectedError(
                        tuple((each.line, each.value, each.outcome) for each in change.rejects)
                    )
        except DuplicateCodeError:
            if code is not None:
                raise
        else:
            return group
    raise CodesExhaustedError(MAX_COLLISIONS)


def rename_group(
    work: UnitOfWork,
    code: str,
    name: str,
    *,
    version: int | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> CustomerGroup:
    """Give a group another name, which may be a variant of its own.

    Args:
        work: The unit of work.
        code: The group.
        name: Its new name.
        version: The version that the user saw; None for any.
        by: Who renames it.
        at: When.

    Returns:
        The group as stored; unchanged where it has this very name already.

    Raises:
        InvalidNameError: ``name`` cannot be a name.
        GroupNotFoundError: no group has this code.
        StaleGroupError: somebody changed the group meanwhile.
        DuplicateNameError: another group has the same name.
    """
    renamed = partial(CustomerGroup.renamed, name=name)
    return _change(work, code, renamed, version=version, by=by, at=at)


def activate_group(
    work: UnitOfWork,
    code: str,
    *,
    version: int | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> CustomerGroup:
    """Switch a group on; arguments, result and errors as for `deactivate_group`."""
    return _change(work, code, CustomerGroup.activated, version=version, by=by, at=at)


def deactivate_group(
    work: UnitOfWork,
    code: str,
    *,
    version: int | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> CustomerGroup:
    """Switch a group off: it keeps its members and may be edited, but has no effect.

    Args:
        work: The unit of work.
        code: The group.
        version: The version that the user saw; None for any.
        by: Who does it.
        at: When.

    Returns:
        The group as stored; unchanged where it was so already.

    Raises:
        GroupNotFoundError: no group has this code.
        StaleGroupError: somebody changed the group meanwhile.
    """
    return _change(work, code, CustomerGroup.deactivated, version=version, by=by, at=at)


def change_attributes(
    work: UnitOfWork,
    code: str,
    attributes: Mapping[str, str],
    *,
    version: int | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> CustomerGroup:
    """Replace all of the host's own fields of a group.

    Arguments, result and errors as for `deactivate_group`, and:

    Raises:
        InvalidValueError: ``attributes`` break a rule of `Attributes`.
    """
    changed = partial(CustomerGroup.with_attributes, attributes=attributes)
    return _change(work, code, changed, version=version, by=by, at=at)


def delete_group(work: UnitOfWork, code: str, *, version: int | None = None) -> None:
    """Remove a group and its memberships; the customers stay.

    Args:
        work: The unit of work.
        code: The group.
        version: The version that the user saw; None for any.

    Raises:
        GroupNotFoundError: no group has this code.
        StaleGroupError: somebody changed the group meanwhile.
    """
    work.groups.remove(parse_group_code(code), version=version)


def add_customers(
    work: UnitOfWork,
    code: str,
    customers: Iterable[str],
    *,
    by_key: bool = False,
    by: str | None = None,
    at: datetime | None = None,
) -> MembersChange:
    """Make customers members of a group; those who are already stay as they were.

    Args:
        work: The unit of work.
        code: The group.
        customers: Customer codes, any number of them; numbered from 1 in the result.
        by_key: Whether they are keys instead of codes.
        by: Who adds them.
        at: When.

    Returns:
        What became of them. Rejected ones do not keep the others out.

    Raises:
        GroupNotFoundError: no group has this code.
        InvalidValueError: ``by`` or ``at`` break their rules.
    """
    return _change_members(
        work.groups.add_members, parse_group_code(code), customers, by_key=by_key, by=by, at=at
    )


def remove_customers(
    work: UnitOfWork,
    code: str,
    customers: Iterable[str],
    *,
    by_key: bool = False,
    by: str | None = None,
    at: datetime | None = None,
) -> MembersChange:
    """End the membership of customers; arguments, result and errors as for `add_customers`.

    A customer that the host has no longer is removed by its key.
    """
    return _change_members(
        work.groups.remove_members, parse_group_code(code), customers, by_key=by_key, by=by, at=at
    )


def set_customers(
    work: UnitOfWork,
    code: str,
    customers: Iterable[str],
    *,
    by_key: bool = False,
    by: str | None = None,
    at: datetime | None = None,
) -> MembersChange:
    """Make these customers the only members; arguments and errors as for `add_customers`.

    Returns:
        What became of the listed customers; ``counts.added`` tells how many joined and
        ``counts.removed`` how many left.
    """
    return _change_members(
        work.groups.replace_members, parse_group_code(code), customers, by_key=by_key, by=by, at=at
    )


def _drawn(work: UnitOfWork, codes: CodeGenerator, number: int) -> GroupCode:
    """Return the last one of so many drawn codes."""
    return [codes.draw(work.groups.next_number) for _ in range(number)][-1]


def _change(
    work: UnitOfWork,
    code: str,
    transition: Callable[..., CustomerGroup],
    *,
    version: int | None,
    by: str | None,
    at: datetime | None,
) -> CustomerGroup:
    group = work.groups.get(parse_group_code(code))
    if version is not None and version != group.version:
        raise StaleGroupError(group.code, version, group.version)
    changed = transition(group, at=time_or_now(at), by=by)
    return group if changed is group else work.groups.replace(changed)


class _ChangesMembers(Protocol):
    """What `GroupRepository.add_members` and its siblings have in common."""

    def __call__(
        self,
        code: GroupCode,
        entries: Iterable[Entry],
        *,
        at: datetime,
        by: str | None,
        by_key: bool = False,
        on_outcome: OnOutcome | None = None,
    ) -> OutcomeCounts: ...


def _change_members(
    change: _ChangesMembers,
    code: GroupCode,
    customers: Iterable[str],
    *,
    by_key: bool,
    by: str | None,
    at: datetime | None,
) -> MembersChange:
    if isinstance(customers, str | bytes):
        reason = "is one text; pass a list of customer codes, or import the text"
        raise InvalidValueError("customers", customers, reason)
    malformed: list[Reject] = []
    refused: list[Reject] = []

    def on_malformed(line: int, value: object, rule: str, reason: str) -> None:
        malformed.append(Reject(line, str(value), Outcome.MALFORMED, rule, reason))

    def on_outcome(line: int, value: str, outcome: Outcome) -> None:
        if outcome in REJECTS:
            reason = WHY_REFUSED[outcome]
            refused.append(Reject(line, value, outcome, outcome.value, reason))

    entries = well_formed(enumerate(customers, start=1), on_malformed, by_key=by_key)
    counts = change(code, entries, at=time_or_now(at), by=by, by_key=by_key, on_outcome=on_outcome)
    counts = attrs.evolve(counts, malformed=len(malformed))
    return MembersChange(counts, tuple(sorted([*malformed, *refused], key=attrgetter("line"))))
