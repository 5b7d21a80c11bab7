"""A state machine that drives adapters for reservations and the model side by side.

It finds the calls after which an adapter answers something else than the model does, and
shrinks them to a short program.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from hypothesis.strategies import SearchStrategy

from customer_groups.customers import Customer
from customer_groups.reservations.model import ReservationState, StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.reservations.repository import ReservationRules, ReservationWork
from customer_groups.reservations.store import ReservationStore
from customer_groups.testing.comparison import Call, call
from customer_groups.testing.driver import TENANTS
from customer_groups.testing.layers import Storage
from customer_groups.testing.reservations import drawing, drawing_requests
from customer_groups.testing.reservations.drawing import CUSTOMERS, STOCKS
from customer_groups.testing.reservations.drawing_starts import Start, starts
from customer_groups.testing.reservations.functions import Everything, OnGroups, Operation, Stocks
from customer_groups.testing.reservations.invariants import (
    demand_invariants,
    demand_no_oversell,
    promised,
)
from customer_groups.testing.reservations.model import ReservationModel
from customer_groups.testing.reservations.sides import ReservationAdapter, Sides

__all__ = ["ReservationMachine"]

T = TypeVar("T")

DEEPEST = 3
MOST_REPEATED = 5


def _now(
    strategy: Callable[[ReservationModel, datetime], SearchStrategy[T]],
) -> SearchStrategy[T]:
    """Generate values directed at what the current tenant has, at the current time."""
    return st.runner().flatmap(lambda machine: strategy(machine.sides.model, machine.now))


def _requests(
    calls: Callable[[ReservationModel, datetime], SearchStrategy[Call]],
) -> SearchStrategy[Call]:
    """Generate requests of a kind, of the current tenant at the current time."""
    return _now(partial(drawing_requests.signed, calls))


def _stored(strategy: Callable[[ReservationModel], SearchStrategy[T]]) -> SearchStrategy[T]:
    """Generate values directed at what the current tenant has."""
    return st.runner().flatmap(lambda machine: strategy(machine.sides.model))


class ReservationMachine(RuleBasedStateMachine):
    """Compares adapters with the model, through the functions of reservations.

    Always two tenants are on one storage. A subclass says which adapter is tested, by
    `make_storage`, `open_store` and `set_on_hand`, as for the contract; its ``TestCase`` is the
    test. How long it runs is the business of the Hypothesis profile. A storage that must be
    closed is closed in ``teardown``, after that of this class.
    """

    def __init__(self) -> None:
        """Make a new storage for each adapter."""
        super().__init__()
        self.sides = Sides(self.adapters())
        self.now = drawing.BEGINNING
        self.is_compared = False
        self.asked: list[Call] = []

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""
        raise NotImplementedError("say how to make a storage, by defining make_storage(self)")

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer], rules: ReservationRules
    ) -> ReservationStore:
        """Return the groups and reservations of one tenant."""
        raise NotImplementedError(
            "say how to open a store, by defining"
            " open_store(self, storage, tenant, customers, rules)"
        )

    def set_on_hand(self, work: ReservationWork, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Store what the host has, in the transaction of this unit of work."""
        raise NotImplementedError(
            "say how the host stores its stock, by defining set_on_hand(self, work, on_hand)"
        )

    def adapters(self) -> Mapping[str, ReservationAdapter]:
        """Return the adapters by name; several are driven side by side."""
        return {type(self).__name__: self}

    def teardown(self) -> None:
        """Roll back what is still open."""
        self.sides.abandon()

    @invariant()
    def everything_stored_is_the_same(self) -> None:
        """Compare all that the tenant can see now, and look whether it can be.

        Where nothing but looking was done since the last time, nothing is compared.
        """
        if self.is_compared:
            return
        model = self.sides.model
        draws = sorted(model.promises.draws)
        seen = Stocks(stocks=STOCKS, customers=(), consumptions=draws, at=self.now)
        self.sides.agree(Everything(seen))
        demand_invariants(model, STOCKS, self.now)
        self.is_compared = True

    def agree(self, operation: Operation) -> object:
        """Ask all the same, and let nobody promise more than there is."""
        self.is_compared = False
        before = promised(self.sides.model, STOCKS)
        answer = self.sides.agree(operation)
        demand_no_oversell(before, self.sides.model)
        return answer

    def ask(self, asked: Call) -> None:
        """Make a request, and remember it, so that it can be made again."""
        self.agree(asked)
        self.asked.append(asked)

    # The beginning, time, tenants and transactions

    @initialize(start=starts())
    def begin_with(self, start: Start) -> None:
        """Give both tenants the same groups, customers and goods."""
        self.sides.open(CUSTOMERS, start.rules)
        for tenant in reversed(TENANTS):
            self.sides.tenant = tenant
            for new, members in zip(start.groups, start.members, strict=True):
                self.sides.agree(OnGroups(call("add", new)))
                self.agree(drawing.members_call("add_members", new.code, members, self.now))
            quantity = drawing.quantity_of(self.sides.model, start.on_hand)
            self.sides.agree(call("set_on_hand", dict.fromkeys(STOCKS, quantity)))
            for asked in start.requests(self.sides.model):
                self.agree(asked)

    @rule(hours=st.integers(1, 3), is_noticed=st.booleans())
    def let_time_pass(self, hours: int, is_noticed: bool) -> None:  # noqa: FBT001 - as below
        """Move the clock forward; somebody may notice what is due."""
        self.is_compared = False
        self.now += hours * drawing.HOUR
        if is_noticed:
            new = drawing.new_id(self.sides.model)
            self.agree(call("expire_due", request_id=new, at=self.now))

    @precondition(lambda self: not self.sides.depth)
    @rule()
    def turn_to_the_other_tenant(self) -> None:
        """From now on do everything as the other tenant."""
        self.is_compared = False
        [self.sides.tenant] = set(TENANTS) - {self.sides.tenant}

    @precondition(lambda self: self.sides.depth < DEEPEST)
    @rule()
    def begin(self) -> None:
        """Begin a transaction, or a context nested in it."""
        if self.sides.depth:
            self.sides.begin_atomic()
        else:
            self.sides.begin()

    @precondition(lambda self: self.sides.depth)
    @rule(is_kept=st.booleans())
    def end(self, is_kept: bool) -> None:  # noqa: FBT001 - Hypothesis passes by name
        """End the innermost context, or commit; or leave it by an exception."""
        self.is_compared = False
        if is_kept:
            self.sides.keep()
        else:
            self.sides.undo()

    # The host and its groups, past the functions of reservations

    @rule(on_hand=_stored(drawing.on_hands))
    def count_goods(self, on_hand: Mapping[StockKey, Quantity]) -> None:
        """Let goods arrive, or let somebody find out that there are less."""
        self.is_compared = False
        self.sides.agree(call("set_on_hand", on_hand))

    @rule(operation=_now(drawing.past_us))
    def change_groups_past_us(self, operation: Operation) -> None:
        """Add, switch or delete a group, and tell reservations nothing."""
        self.agree(operation)

    @rule(operation=_now(lambda _, now: drawing.joining(now)))
    def change_members(self, operation: Operation) -> None:
        """Let customers join or leave a group; look what they can take, before and after."""
        self.look_for_customers()
        self.agree(operation)
        self.look_for_customers()

    def look_for_customers(self) -> None:
        """Ask what each customer can take of what the program begins with."""
        for customer in CUSTOMERS:
            self.sides.agree(call("available_to", customer.key, STOCKS[0], at=self.now))

    # The functions of reservations

    @rule(asked=_requests(drawing_requests.reserving))
    def reserve(self, asked: Call) -> None:
        """Set stock aside."""
        self.ask(asked)

    @rule(asked=_requests(drawing_requests.consuming))
    def consume(self, asked: Call) -> None:
        """Take stock for an order."""
        self.ask(asked)

    @precondition(lambda self: self.sides.model.promises.draws)
    @rule(asked=_requests(drawing_requests.settling))
    def settle(self, asked: Call) -> None:
        """Let goods of an order leave."""
        self.ask(asked)

    @precondition(lambda self: self.sides.model.promises.draws)
    @rule(asked=_requests(drawing_requests.returning))
    def unconsume(self, asked: Call) -> None:
        """Give some of an order back."""
        self.ask(asked)

    @precondition(lambda self: self.sides.model.promises.reservations)
    @rule(asked=_requests(drawing_requests.releasing))
    def release(self, asked: Call) -> None:
        """Give a reservation up, or a part of it."""
        self.ask(asked)

    @precondition(lambda self: self.sides.model.promises.reservations)
    @rule(asked=_requests(drawing_requests.reallocating))
    def reallocate(self, asked: Call) -> None:
        """Move a reservation to another group, or a part of it."""
        self.ask(asked)

    @rule(asked=_requests(drawing_requests.switching))
    def switch_group(self, asked: Call) -> None:
        """Switch a group on or off, or delete it."""
        self.ask(asked)

    @rule(asked=_requests(drawing_requests.keeping))
    def keep_house(self, asked: Call) -> None:
        """End and begin what is due, or look for what does not agree."""
        self.ask(asked)

    @rule(stock=st.sampled_from(STOCKS))
    def repair_drifted(self, stock: StockKey) -> None:
        """Store totals that are wrong, and repair them."""
        new = drawing.new_id(self.sides.model)
        self.agree(call("repair_drifted", stock, request_id=new, at=self.now))

    @precondition(lambda self: self.asked)
    @rule(last=st.integers(1, MOST_REPEATED))
    def repeat(self, last: int) -> None:
        """Ask for the same again, later and by somebody else; by either tenant."""
        for asked in self.asked[-last:]:
            self.agree(asked.with_options(at=self.now, by="ben"))

    @precondition(lambda self: not self.sides.depth)
    @rule(asked=_requests(drawing_requests.reserving) | _requests(drawing_requests.consuming))
    def undo_request(self, asked: Call) -> None:
        """Make a request, and undo it; commit the transaction in which it was made."""
        self.sides.begin()
        self.sides.begin_atomic()
        self.agree(asked)
        self.sides.undo()
        self.sides.keep()

    @rule(asked=_now(drawing_requests.bad_calls))
    def ask_for_nonsense(self, asked: Call) -> None:
        """Pass what is not allowed."""
        self.agree(asked)

    @rule(
        customer=st.sampled_from(CUSTOMERS),
        reservation=_stored(drawing.reservation_ids),
        code=st.none() | drawing.group_codes(),
        stock=st.none() | st.sampled_from(STOCKS),
        states=st.sets(st.sampled_from(ReservationState), max_size=2),
    )
    def look_for(
        self,
        customer: Customer,
        reservation: str,
        code: str | None,
        stock: StockKey | None,
        states: set[ReservationState],
    ) -> None:
        """Look for reservations, and for what a customer can take."""
        for item in STOCKS:
            self.sides.agree(call("available_to", customer.key, item, at=self.now))
        self.sides.agree(call("get_reservation", reservation))
        self.sides.agree(call("find_reservations", group=code, stock=stock, states=states))
