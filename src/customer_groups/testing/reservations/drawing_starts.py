"""What both tenants of a program have at the beginning."""

from collections.abc import Iterator, Sequence

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.model import CustomerGroup
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import ReservationRules
from customer_groups.testing.comparison import Call, call
from customer_groups.testing.contracts.values import group
from customer_groups.testing.reservations.drawing import (
    BEGINNING,
    CUSTOMERS,
    GROUPS,
    HOUR,
    NUMBERS,
    PIECES,
    STOCKS,
    quantity_of,
    sign,
)
from customer_groups.testing.reservations.model import ReservationModel

__all__ = ["Start", "starts"]


@attrs.frozen
class Start:
    """What both tenants have at the beginning.

    Attributes:
        rules: What their hosts have declared.
        on_hand: How much their hosts have of each stock, in the smallest quantity there is.
        held: What is reserved then of the first stock: for whom, how much, for how many hours,
            and after how many it begins.
        ordered: What is consumed then of the first stock, as far as there is enough: by whom,
            and how much.
    """

    rules: ReservationRules
    on_hand: int
    held: Sequence[tuple[GroupCode, int, int, int]]
    ordered: Sequence[tuple[CustomerKey, int]]

    @property
    def groups(self) -> Sequence[CustomerGroup]:
        """The groups."""
        return [group(code) for code in GROUPS]

    @property
    def members(self) -> Sequence[Sequence[CustomerKey]]:
        """The members of each group."""
        one, all_of_them, _none = (customer.key for customer in CUSTOMERS)
        return [[one, all_of_them], [all_of_them]]

    def requests(self, model: ReservationModel) -> Iterator[Call]:
        """Yield the requests that make it so, in the quantities of a model."""
        for number, (code, quantity, hours, later) in enumerate(self.held):
            begin = BEGINNING + later * HOUR
            made = call(
                "reserve",
                *(code, STOCKS[0], quantity_of(model, quantity)),
                valid_from=begin,
                valid_to=begin + hours * HOUR,
            )
            yield sign(made, f"r{number}", BEGINNING)
        for number, (customer, quantity) in enumerate(self.ordered):
            lines = [(STOCKS[0], quantity_of(model, quantity))]
            taken = call("consume", customer, lines, allow_partial=True)
            yield sign(taken, f"o{number}", BEGINNING)


def starts() -> SearchStrategy[Start]:
    """Generate beginnings."""
    rules = st.builds(
        ReservationRules,
        scale=st.builds(Scale, st.sampled_from([0, 2])),
        allowance=st.sampled_from([0, 0, 0, 3, -2]),
    )
    held = st.tuples(
        st.sampled_from(GROUPS), NUMBERS, st.integers(1, 4), st.sampled_from([0, 0, 1])
    )
    ordered = st.tuples(st.sampled_from([customer.key for customer in CUSTOMERS]), NUMBERS)
    return st.builds(
        Start,
        rules,
        on_hand=st.sampled_from([3 * PIECES, 3 * PIECES, PIECES, 3, 0]),
        held=st.lists(held, min_size=1, max_size=3),
        ordered=st.lists(ordered, min_size=1, max_size=2),
    )
