"""What a storage should hold, and what is wrong with what it does hold."""

from collections.abc import Mapping

from customer_groups.testing.layers import RawCounts
from customer_groups.testing.model import GroupModel

__all__ = ["drifted", "wrong_counts"]


def wrong_counts(counts: RawCounts, models: Mapping[str, GroupModel]) -> list[str]:
    """Return what is wrong with a storage, in words; nothing is right.

    Args:
        counts: What it holds.
        models: What each tenant should have stored.
    """
    members = {
        (tenant, str(code)): len(each)
        for tenant, model in models.items()
        for code, each in model.memberships.items()
    }
    places = sorted(members.keys() | counts.groups.keys() | counts.memberships.keys())
    return [
        f"group {code!r} of tenant {tenant!r} {wrong}"
        for tenant, code in places
        for wrong in _wrong(counts, members.get((tenant, code)), (tenant, code))
    ]


def _wrong(counts: RawCounts, expected: int | None, place: tuple[str, str]) -> list[str]:
    """Return what is wrong with a group, of which the model has so many members, or no group."""
    memberships = counts.memberships.get(place, 0)
    wrong = []
    if expected is None and place in counts.groups:
        wrong.append("is stored, and should not be there")
    if expected is None and memberships:
        wrong.append(f"is gone, and has left {memberships} memberships behind")
    if expected is None:
        return wrong
    if place not in counts.groups:
        return ["is not stored, and should be there"]
    if memberships != expected:
        wrong.append(f"has {memberships} memberships, and should have {expected}")
    if counts.groups[place] not in {None, expected}:
        wrong.append(f"says it has {counts.groups[place]} customers, and should say {expected}")
    return wrong


def drifted(counts: RawCounts) -> list[tuple[str, str]]:
    """Return the groups that are gone and have members, or say another number than they have.

    Args:
        counts: What a storage holds.

    Returns:
        Tenant and code of each, in this order.
    """
    places = sorted(counts.groups.keys() | counts.memberships.keys())
    return [
        place
        for place in places
        if counts.groups.get(place, 0) not in {None, counts.memberships.get(place, 0)}
    ]
