"""Entries of the ledger, draws, and what is available."""

import decimal
from decimal import Decimal
from typing import Any

import pytest

from customer_groups.errors import InvalidValueError
from customer_groups.reservations.model import (
    Availability,
    EntryKind,
    StockKey,
    shortfall_of,
)
from reservations.promises import draw, entry

LARGE, MILLIONTH = Decimal("123456789.123456"), Decimal("0.000001")


def test_an_entry_is_parsed() -> None:
    """Its kind may be given as text, its changes may be below zero."""
    moved = entry(kind="consume", held=Decimal("-1.5"), outstanding=Decimal("1.5"), customer="C1")
    assert moved.kind is EntryKind.CONSUME
    assert (moved.held, moved.outstanding) == (Decimal("-1.5"), Decimal("1.5"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stock": ""}, "^stock key "),
        ({"version": 0}, "^line 0 is not a whole number from 1"),
        ({"line": 0}, "^line 0 "),
        ({"line": True}, "^line True "),
        ({"line": "1"}, "^line '1' "),
        ({"request_id": ""}, "^request id "),
        ({"kind": "steal"}, "^kind of entry 'steal'"),
        ({"held": 0.5}, "^change of a quantity 0.5 "),
        ({"outstanding": None}, "^change of a quantity None "),
        ({"customer": ""}, "customer"),
        ({"at": None}, "time"),
        ({"by": ""}, "''"),
    ],
)
def test_no_entry_breaks_a_rule(change: dict[str, Any], message: str) -> None:
    """The ledger only grows, so nothing wrong may get into it."""
    with pytest.raises(InvalidValueError, match=message):
        entry(**change)


def test_what_a_draw_has_outstanding() -> None:
    """What was taken and has neither left the stock nor come back."""
    assert draw().outstanding == 10
    assert draw(settled=3, returned=2).outstanding == 5
    assert draw(settled=3, returned=7).outstanding == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"consumption": ""}, "^request id "),
        ({"line": 0}, "^line 0 "),
        ({"customer": ""}, "customer"),
        ({"stock": ""}, "^stock key "),
        ({"quantity": -1}, "^quantity -1 "),
        ({"settled": -1}, "^quantity -1 "),
        ({"returned": 0.1}, "^quantity 0.1 "),
        ({"settled": 4, "returned": 7}, "^quantity 10 is less than .* settled and returned, 11"),
    ],
)
def test_no_draw_breaks_a_rule(change: dict[str, Any], message: str) -> None:
    """More than was taken can neither leave nor come back."""
    with pytest.raises(InvalidValueError, match=message):
        draw(**change)


@pytest.mark.parametrize(
    ("on_hand", "allowance", "free", "shortfall"),
    [
        (12, 0, 5, 0),
        (12, 3, 8, 0),
        (12, -6, 0, 1),
        (12, -20, 0, 7),
        (7, 0, 0, 0),
        (5, 0, 0, 2),
        (5, 1, 0, 1),
        (-3, 0, 0, 7),
    ],
)
def test_what_is_free_and_what_is_short(
    on_hand: int, allowance: int, free: int, shortfall: int
) -> None:
    """Never both, and no more is short than is promised; the allowance counts as on hand."""
    there = Availability(
        stock=StockKey("a"), on_hand=on_hand, allowance=allowance, held=4, outstanding=3
    )
    assert (there.free, there.shortfall) == (free, shortfall)


@pytest.mark.parametrize(
    ("promised", "limit", "shortfall"), [(0, -5, 0), (3, -5, 3), (3, 2, 1), (3, 3, 0), (3, 9, 0)]
)
def test_a_negative_allowance_alone_makes_nothing_short(
    promised: int, limit: int, shortfall: int
) -> None:
    """Where nothing is promised, nothing is missing."""
    assert shortfall_of(promised, limit) == shortfall


def test_sums_are_exact_whatever_the_host_calculates_in() -> None:
    """A host that has set few digits for its own numbers sees all of ours."""
    taken = draw(quantity=LARGE, settled=MILLIONTH, returned=MILLIONTH)
    there = Availability(stock=StockKey("a"), on_hand=LARGE, held=MILLIONTH, outstanding=MILLIONTH)
    short = Availability(
        stock=StockKey("a"), on_hand=0, allowance=MILLIONTH, held=LARGE, outstanding=MILLIONTH
    )
    with decimal.localcontext(prec=3):
        assert taken.outstanding == Decimal("123456789.123454")
        assert there.free == Decimal("123456789.123454")
        assert short.shortfall == LARGE
