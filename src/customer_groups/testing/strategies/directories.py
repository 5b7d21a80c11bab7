"""The customers of a host, with all the trouble that hosts have."""

from collections.abc import Iterator, Sequence
from itertools import count

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.customers import Customer, CustomerCode, CustomerKey
from customer_groups.testing.strategies.identifiers import customer_codes, customer_keys
from customer_groups.testing.strategies.texts import assigned_characters

__all__ = ["customers"]


def customers(
    *,
    codes: SearchStrategy[CustomerCode] | None = None,
    min_size: int = 0,
    max_size: int = 12,
) -> SearchStrategy[list[Customer]]:
    """Generate the customers of a host, no two of them with the same key.

    Some have the same code, no code, or a key that is the code of another; some are not
    active. Shrinks to few customers who have nothing but a code.

    Args:
        codes: The codes and some of the keys; any, where it is None.
        min_size: How many customers there are at least.
        max_size: How many customers there are at most.
    """
    texts = customer_codes() if codes is None else codes
    pools = st.lists(texts, min_size=1, max_size=max(max_size, 1))
    # An index into the pool, not a choice from it: so nothing has to be made for each draw.
    shared = st.integers(0, max_size)
    numbered = st.integers(1, 999).map("K{}".format).map(CustomerKey)
    plain = shared.map(lambda index: _Plan(index, index))
    odd = st.builds(
        _Plan,
        st.none() | shared,
        shared | numbered | customer_keys(),
        name=st.text(assigned_characters(), max_size=8),
        type=st.sampled_from([None, "Owner", "Agent"]),
        active=st.booleans(),
    )
    plans = st.lists(plain | odd, min_size=min_size, max_size=max_size)
    return st.builds(_directory, plans, pools)


@attrs.frozen
class _Plan:
    """What becomes a customer, once it is known which codes there are.

    Attributes:
        code: Which code; None for no code.
        key: The key, or which code is the key.
    """

    code: int | None
    key: int | CustomerKey
    name: str = ""
    type: str | None = None
    active: bool = True


def _directory(plans: Sequence[_Plan], pool: Sequence[CustomerCode]) -> list[Customer]:
    keys = _distinct(_key(plan, pool) for plan in plans)
    return [
        Customer(
            None if plan.code is None else pool[plan.code % len(pool)],
            plan.name,
            plan.type,
            plan.active,
            key=key,
        )
        for plan, key in zip(plans, keys, strict=True)
    ]


def _key(plan: _Plan, pool: Sequence[CustomerCode]) -> CustomerKey:
    return CustomerKey(pool[plan.key % len(pool)]) if isinstance(plan.key, int) else plan.key


def _distinct(keys: Iterator[CustomerKey]) -> Iterator[CustomerKey]:
    """Yield each key, or another in place of one that was there already."""
    taken: set[CustomerKey] = set()
    others = (CustomerKey(f"k{number}") for number in count(1))
    for wanted in keys:
        key = wanted
        while key in taken:
            key = next(others)
        taken.add(key)
        yield key
