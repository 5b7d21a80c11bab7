"""Adapters and the model, driven side by side."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import TypeVar

import attrs

from customer_groups.customers import Customer
from customer_groups.errors import InvalidCursorError, TransactionClosedError
from customer_groups.paging import Page
from customer_groups.repository import GroupStore, UnitOfWork
from customer_groups.testing.comparison import (
    Call,
    Everything,
    Interrupted,
    Operation,
    answer_of,
    call,
    demand_same,
    only_reads,
)
from customer_groups.testing.counting import wrong_counts
from customer_groups.testing.layers import Adapter, Audited
from customer_groups.testing.model import GroupModel
from customer_groups.testing.recording import Recording

__all__ = ["TENANTS", "SideBySide", "Walk"]

T = TypeVar("T")

TENANTS = ("north", "North")


@attrs.frozen
class Walk:
    """Somebody who pages through a list.

    Attributes:
        tenant: Whose list it is.
        listing: The list.
        place: Where the model continues.
        cursors: Where the adapters continue, by their names.
    """

    tenant: str
    listing: Call
    place: str | None = None
    cursors: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class _Frame:
    """An open transaction, or a context nested in it.

    Attributes:
        exits: How the adapters leave it, by their names.
        before: The model as it was at the beginning.
    """

    exits: Mapping[str, ExitStack]
    before: GroupModel


class SideBySide:
    """Asks several adapters and the model the same, and demands the same answers.

    Two tenants are on each storage. What is done is done as one of them, the ``tenant``, in
    the open transaction, or else in a transaction of its own.
    """

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        """Make a new storage for each adapter; `open` the stores of each tenant next."""
        self.tenant = TENANTS[0]
        self._is_compared = False
        self._adapters = adapters
        self._recordings = {name: Recording() for name in adapters}
        self._storages = {name: adapter.make_storage() for name, adapter in adapters.items()}
        self._models = {tenant: GroupModel() for tenant in TENANTS}
        self._stores: dict[str, dict[str, GroupStore]] = {tenant: {} for tenant in TENANTS}
        self._works: dict[str, UnitOfWork] = {}
        self._frames: list[_Frame] = []

    @property
    def model(self) -> GroupModel:
        """What the tenant should have stored."""
        return self._models[self.tenant]

    @property
    def depth(self) -> int:
        """How many contexts are open: none, a transaction, or more that are nested in it."""
        return len(self._frames)

    def open(self, customers: Sequence[Customer]) -> None:
        """Open the stores of the tenant, again if they were open, with these customers."""
        self._is_compared = False
        self.model.customers = customers
        for name, adapter in self._adapters.items():
            opening = partial(adapter.open_store, self._storages[name], self.tenant, customers)
            store = self._recordings[name].open(self.tenant, customers, opening)
            self._stores[self.tenant][name] = store

    def begin(self) -> None:
        """Begin a transaction."""
        self._is_compared = False
        stores = self._stores[self.tenant]
        self._works = self._enter({name: store.transaction() for name, store in stores.items()})

    def begin_atomic(self) -> None:
        """Begin a context nested in the innermost one."""
        self._enter({name: work.groups.atomic() for name, work in self._works.items()})

    def _enter(self, contexts: Mapping[str, AbstractContextManager[T]]) -> dict[str, T]:
        exits = {name: ExitStack() for name in contexts}
        self._frames.append(_Frame(exits, self.model.copy()))
        return {name: exits[name].enter_context(context) for name, context in contexts.items()}

    def keep(self) -> None:
        """End the innermost context; if it is the transaction, commit."""
        self._is_compared = False
        for name, exits in self._frames.pop().exits.items():
            answer = answer_of(ExitStack.close, exits)
            self._demand_same(name, None, answer, "end of a transaction or atomic()")
        self._demand_closed_works()

    def undo(self) -> None:
        """Leave the innermost context by an exception, which must undo it and pass on."""
        self._is_compared = False
        frame = self._frames.pop()
        for name, exits in frame.exits.items():
            answer = answer_of(_interrupt, exits)
            operation = "exception that leaves a transaction or atomic()"
            self._demand_same(name, Interrupted(), answer, operation)
        self._models[self.tenant] = frame.before
        self._demand_closed_works()

    def _demand_closed_works(self) -> None:
        if self._frames:
            return
        operation = "use of a unit of work after its end"
        for name, work in self._works.items():
            answer = answer_of(lambda work: work.groups.groups_of([]), work)
            self._demand_same(name, TransactionClosedError(), answer, operation)

    def abandon(self) -> None:
        """Roll back what is still open, whatever state the adapters are in."""
        while self._frames:
            for exits in self._frames.pop().exits.values():
                answer_of(_interrupt, exits)

    def agree(self, operation: Operation) -> None:
        """Demand that every adapter answers as the model does."""
        self.demand(operation, answer_of(operation, self.model))

    def demand(self, operation: Operation, expected: object) -> None:
        """Demand this answer, or this error, from every adapter."""
        for name in self._adapters:
            self._demand(name, operation, expected)

    def agree_on_everything(self) -> None:
        """Compare all that can be read now: both tenants, or the one in a transaction.

        Where nothing but reading was done since the last time, nothing is compared.
        """
        if self._is_compared:
            return
        current = self.tenant
        with ExitStack() as unseen:
            for recording in self._recordings.values():
                unseen.enter_context(recording.aside())
            for tenant in [current] if self._frames else TENANTS:
                self.tenant = tenant
                self.agree(Everything())
            if not self._frames:
                self._compare_counts()
        self.tenant = current
        self._is_compared = True

    def agree_on_next_number(self, series: str) -> None:
        """Draw a number; only one that was undone may be left out or come back."""
        operation = call("next_number", series)
        for name in self._adapters:
            own = f"{name}: {series}"
            allowed = self.model.next_numbers(own)
            number = self._answer(name, operation)
            if isinstance(number, int) and number in allowed:
                self.model.draw(own, number)
            else:
                self._demand_same(name, allowed[0], number, operation)

    def first_page(self, listing: Call, limit: int) -> Walk | None:
        """Compare the first page of a list; return who pages on, None at its end."""
        return self.next_page(Walk(self.tenant, listing), limit)

    def next_page(self, walk: Walk, limit: int) -> Walk | None:
        """Compare the next page of a list; return who pages on, None at its end."""
        listing = walk.listing.with_options(limit=limit)
        expected = answer_of(listing.with_options(after=walk.place), self.model)
        cursors = {}
        for name in self._adapters:
            page = self._demand(name, listing.with_options(after=walk.cursors.get(name)), expected)
            cursors[name] = _cursor(page)
        place = _cursor(expected)
        return Walk(walk.tenant, walk.listing, place, cursors) if place else None

    def refuse_cursors(self, listing: Call, cursors: Mapping[str, str]) -> None:
        """Demand that a list cannot be continued with these cursors."""
        for name, cursor in cursors.items():
            expected = InvalidCursorError("cursor", cursor, "is not of this list")
            self._demand(name, listing.with_options(limit=10, after=cursor), expected)

    def _demand(self, name: str, operation: Operation, expected: object) -> object:
        actual = self._answer(name, operation)
        self._demand_same(name, expected, actual, operation)
        return actual

    def _answer(self, name: str, operation: Operation) -> object:
        self._is_compared = self._is_compared and only_reads(operation)
        if self._frames:
            return answer_of(operation, self._works[name].groups)
        store = self._stores[self.tenant][name]
        return answer_of(lambda store: store.run(lambda work: operation(work.groups)), store)

    def _compare_counts(self) -> None:
        for name, adapter in self._adapters.items():
            if isinstance(adapter, Audited):
                wrong = wrong_counts(adapter.audit(self._storages[name]), self._models)
                self._demand_same(name, [], wrong, "audit(): what is wrong with the storage")

    def _demand_same(self, name: str, expected: object, actual: object, operation: object) -> None:
        try:
            demand_same(expected, actual, f"{name}, tenant {self.tenant!r}", operation)
        except AssertionError as error:
            self._recordings[name].explain(error)
            raise


def _interrupt(exits: ExitStack) -> None:
    with exits:
        raise Interrupted


def _cursor(answer: object) -> str:
    """Return where to continue, or nothing at the end."""
    return answer.next or "" if isinstance(answer, Page) else ""
