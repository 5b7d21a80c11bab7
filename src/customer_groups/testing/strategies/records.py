"""Groups and memberships, and what they are made of."""

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import Attributes, CustomerGroup, GroupStatus, Membership
from customer_groups.testing.strategies.identifiers import customer_keys, group_codes
from customer_groups.testing.strategies.naming import names
from customer_groups.testing.strategies.texts import (
    LETTERS,
    assigned_characters,
    beginning_with,
)

__all__ = ["actors", "attributes", "groups", "memberships", "times"]


def attributes(*, max_size: int = 4) -> SearchStrategy[Attributes]:
    """Generate attributes of groups, keys and values as long as they may be among them.

    Shrinks to none.

    Args:
        max_size: How many entries there are at most, 0 to 50.
    """
    keys = _plain_texts(64)
    values = st.just("") | _plain_texts(1_000)
    return st.dictionaries(keys, values, max_size=max_size).map(Attributes)


def _plain_texts(max_size: int) -> SearchStrategy[str]:
    texts = beginning_with(LETTERS, assigned_characters(), max_size=20).map(str.strip)
    return texts | texts.map(lambda text: (text * max_size)[:max_size].strip())


def times(
    *,
    min_value: datetime = datetime(1970, 1, 1, tzinfo=UTC),
    max_value: datetime = datetime(2199, 12, 31, tzinfo=UTC),
) -> SearchStrategy[datetime]:
    """Generate moments in UTC, to the microsecond.

    Shrinks towards the beginning of the year 2000.

    Args:
        min_value: The earliest one, aware.
        max_value: The latest one, aware, and not after the year 8999.
    """
    return st.datetimes(
        min_value.astimezone(UTC).replace(tzinfo=None),
        max_value.astimezone(UTC).replace(tzinfo=None),
        timezones=st.just(UTC),
    )


def actors() -> SearchStrategy[str | None]:
    """Generate who made a change: up to 140 characters, or None for nobody in particular.

    Shrinks to None.
    """
    return st.none() | _plain_texts(140)


def groups(
    *,
    code: SearchStrategy[GroupCode] | None = None,
    name: SearchStrategy[str] | None = None,
    time: SearchStrategy[datetime] | None = None,
) -> SearchStrategy[CustomerGroup]:
    """Generate groups, in any order of making and last change, as where clocks disagree.

    Shrinks to an active group with a short name, the code ``CG-000001`` and no attributes.

    Args:
        code: Their codes; any, where it is None.
        name: Their names; any, where it is None.
        time: When they were made and changed; any time, where it is None.
    """
    moments = times() if time is None else time
    return st.builds(
        CustomerGroup,
        group_codes() if code is None else code,
        names() if name is None else name,
        moments,
        actors(),
        updated_at=moments,
        updated_by=actors(),
        status=st.sampled_from(GroupStatus),
        version=st.integers(1, 3),
        attributes=attributes(),
    )


def memberships(
    *,
    group: SearchStrategy[GroupCode] | None = None,
    customer: SearchStrategy[CustomerKey] | None = None,
) -> SearchStrategy[Membership]:
    """Generate memberships.

    Shrinks to the customer ``C00001`` in the group ``CG-000001``.

    Args:
        group: The codes of the groups; any, where it is None.
        customer: The keys of the customers; any, where it is None.
    """
    return st.builds(
        Membership,
        group_codes() if group is None else group,
        customer_keys() if customer is None else customer,
        times(),
        actors(),
    )
