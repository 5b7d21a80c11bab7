"""What is always true of reservations, whatever happens; section by section of the ledger."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from customer_groups.reservations.model import StockKey
from customer_groups.reservations.quantities import Quantity
from customer_groups.testing.contracts.expectations import expect, expect_that
from customer_groups.testing.reservations.model import ReservationModel
from customer_groups.testing.reservations.promises import Moved

__all__ = ["demand_invariants", "demand_no_oversell", "promised"]

_STRANGER = "a customer outside of every group"


def promised(model: ReservationModel, stocks: Iterable[StockKey]) -> Mapping[StockKey, Quantity]:
    """Return how much of each stock is held or outstanding."""
    promises = model.promises
    return {stock: promises.held(stock) + promises.outstanding(stock) for stock in stocks}


def demand_no_oversell(before: Mapping[StockKey, Quantity], model: ReservationModel) -> None:
    """Refuse a change that promises more than before, and more than there is.

    Args:
        before: What was promised before the change.
        model: What is promised after it.

    Raises:
        AssertionError: it does.
    """
    for stock, now in promised(model, before).items():
        limit = model.promises.limit(stock)
        claim = f"of {stock!r} no more is promised than {limit}, or than before: {before[stock]}"
        expect_that(f"{claim}; it is {now}", now <= max(limit, before[stock]))


def demand_invariants(model: ReservationModel, stocks: Iterable[StockKey], at: datetime) -> None:
    """Refuse what can never be.

    Raises:
        AssertionError: something is so.
    """
    for each in model.promises.reservations.values():
        expect_that(f"0 <= consumed <= quantity in {each}", 0 <= each.consumed <= each.quantity)
    for stock in stocks:
        _demand_sums(model, stock)
        _demand_shares(model, stock, at)


def _demand_sums(model: ReservationModel, stock: StockKey) -> None:
    held, outstanding = _folded(model.ledger(stock))
    promises = model.promises
    expect(f"what the ledger says is held of {stock!r}", held, promises.held(stock))
    expect(f"what it says is outstanding of {stock!r}", outstanding, promises.outstanding(stock))


def _folded(moves: Iterable[Moved]) -> tuple[Quantity, Quantity]:
    held: Quantity = 0
    outstanding: Quantity = 0
    for each in moves:
        held += each.held
        outstanding += each.outstanding
        expect_that(f"nothing falls below zero by {each}", held >= 0 and outstanding >= 0)
    return held, outstanding


def _demand_shares(model: ReservationModel, stock: StockKey, at: datetime) -> None:
    """Refuse a stock of which customers see anything else than what is theirs."""
    there = model.availability(stock, at=at)
    free = model.available_to(_STRANGER, stock, at=at)
    expect(f"what a stranger sees of {stock!r}", free, there.free)
    rest = max(0, there.on_hand + there.allowance - there.outstanding)
    held = sum(quantity for _, quantity in there.by_group)
    expect(f"what is held of {stock!r}", held, there.held)
    if not there.shortfall:
        expect(f"what is free or held of {stock!r}", free + held, rest)
    for customer in model.groups.customers:
        seen = model.available_to(customer.key, stock, at=at)
        expect_that(f"{customer.key} sees {seen} of {rest}, {free} free", free <= seen <= rest)
