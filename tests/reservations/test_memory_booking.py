"""What is booked in memory is added up, and never beyond a limit."""

from decimal import Decimal

import pytest

from customer_groups.errors import InvalidCursorError
from customer_groups.paging import Page, walk
from customer_groups.reservations.errors import (
    InsufficientStockError,
    Shortage,
)
from customer_groups.reservations.model import (
    LedgerEntry,
    StockKey,
)
from customer_groups.reservations.quantities import Quantity, Scale
from customer_groups.reservations.repository import (
    Booking,
    ReservationRepository,
    ReservationRules,
    StockAudit,
    StockTotals,
)
from reservations.promises import (
    A,
    B,
    draw,
    entry,
    reservation,
    reservation_store,
)


def moved(*changes: tuple[int, int], stock: str = A) -> tuple[LedgerEntry, ...]:
    """Return entries with these changes of what is held and outstanding."""
    return tuple(
        entry(stock=stock, line=line, held=held, outstanding=outstanding)
        for line, (held, outstanding) in enumerate(changes, start=1)
    )


def test_booking_adds_up(repository: ReservationRepository) -> None:
    """The totals rise by the entries; the versions stay as they were locked."""
    repository.lock_stocks([A, B])
    repository.book(
        Booking(
            entries=moved((5, 0), (-2, 2), (0, 1)) + moved((1, 0), stock=B), limits={A: 6, B: 1}
        )
    )
    assert repository.totals([A, B]) == {A: StockTotals(3, 3, 1), B: StockTotals(1, 0, 1)}


@pytest.mark.parametrize(
    ("changes", "limit", "shortage"),
    [
        ([(7, 0)], 10, None),
        ([(7, 0), (1, 0)], 10, Shortage(A, 8, 7)),
        ([(0, 8)], 10, Shortage(A, 8, 7)),
        ([(8, 0), (-1, 0)], 10, None),
        ([(-2, 2)], 3, None),
        ([(-2, 2)], 2, Shortage(A, 2, 1)),
        ([(-2, 3)], 3, Shortage(A, 1, 0)),
        ([(-2, 0)], 0, None),
        ([(1, -1)], 0, None),
        ([(0, 0)], 0, None),
        ([(1, 0)], 0, Shortage(A, 1, 0)),
    ],
)
def test_nothing_is_promised_beyond_the_limit(
    repository: ReservationRepository,
    changes: list[tuple[int, int]],
    limit: int,
    shortage: Shortage | None,
) -> None:
    """What is added up counts; lowering is free, even where the host has less by now."""
    repository.lock_stocks([A])
    repository.correct(A, StockTotals(held=2, outstanding=1))
    before = repository.totals([A])[A]
    booking = Booking(entries=moved(*changes), limits={A: limit}, made=(reservation(),))
    if shortage is None:
        repository.book(booking)
        held, outstanding = (sum(column) for column in zip(*changes, strict=True))
        assert repository.totals([A]) == {A: StockTotals(2 + held, 1 + outstanding, 1)}
    else:
        with pytest.raises(InsufficientStockError) as caught:
            repository.book(booking)
        assert caught.value.shortages == (shortage,)
        assert repository.totals([A]) == {A: before}
        assert repository.get(["r"]) == {}
        assert repository.ledger(limit=9) == Page(())


def test_all_shortages_are_told(repository: ReservationRepository) -> None:
    """By key; and what would have been enough is not booked either."""
    stocks = [StockKey("c"), B, A]
    entries = tuple(each for stock in stocks for each in moved((5, 0), stock=stock))
    with pytest.raises(InsufficientStockError) as caught:
        repository.book(Booking(entries=entries, limits=dict.fromkeys(stocks, 4) | {B: 5}))
    assert [each.stock for each in caught.value.shortages] == ["a", "c"]
    assert repository.totals([B]) == {B: StockTotals()}


def test_the_ledger(repository: ReservationRepository) -> None:
    """By stock, version and line, as numbers and page by page; narrowed by either condition."""
    repository.book(
        Booking(
            entries=(
                entry(stock=B, held=-1),
                entry(version=10, held=-2),
                entry(version=9, line=10, held=-3, reservation="r"),
                entry(version=9, line=2, held=-4),
            )
        )
    )

    def read(**narrowed: str) -> list[Quantity]:
        entries = walk(lambda after: repository.ledger(limit=1, after=after, **narrowed))  # type: ignore[arg-type]
        return [-each.held for each in entries]

    assert read() == [4, 3, 2, 1]
    assert read(stock=A) == [4, 3, 2]
    assert read(reservation="r") == [3]
    assert read(stock=B, reservation="r") == []
    after = repository.ledger(limit=1).next
    with pytest.raises(InvalidCursorError):
        repository.ledger(stock=A, limit=1, after=after)


def test_an_audit_adds_up_three_sources(repository: ReservationRepository) -> None:
    """Each of them alone, so that one that is wrong shows."""
    repository.lock_stocks([A])
    repository.book(
        Booking(
            entries=moved((5, 0), (-2, 2)) + moved((9, 9), stock=B),
            limits={A: 9, B: 99},
            made=(
                reservation(id="1", consumed=3),
                reservation(id="2", state="released"),
                reservation(id="3", stock=B),
            ),
            drawn=(draw(settled=4), draw(line=2, returned=9), draw(line=3, stock=B)),
        )
    )
    repository.correct(A, StockTotals(held=1, outstanding=-1, version=77))
    assert repository.audit([A]) == {
        A: StockAudit(StockTotals(1, -1, 1), StockTotals(3, 2), held=7, outstanding=7)
    }


def test_quantities_come_back_as_the_scale_writes_them() -> None:
    """With all its places, whatever they were given as, zeros included."""
    with reservation_store(rules=ReservationRules(scale=Scale(2))).transaction() as work:
        repository = work.reservations
        shown = [str(each.held) for each in (*repository.totals([A]).values(),)]
        repository.book(
            Booking(
                entries=(entry(held=5, outstanding=Decimal("1.500000")),),
                limits={A: 99},
                made=(reservation(quantity=5),),
                drawn=(draw(quantity=5, settled=1),),
            )
        )
        totals, audit = repository.totals([A])[A], repository.audit([A])[A]
        stored, taken = repository.get(["r"])["r"], repository.draws("c")[0]
        shown += [
            str(each)
            for each in (
                totals.held,
                totals.outstanding,
                audit.ledger.held,
                audit.held,
                audit.outstanding,
                stored.quantity,
                stored.consumed,
                taken.quantity,
                taken.settled,
                taken.returned,
                repository.ledger(limit=1).items[0].outstanding,
            )
        ]
        repository.correct(A, StockTotals(7, 0))
        shown += [str(repository.totals([A])[A].held)]
    assert shown == [
        *("0.00", "5.00", "1.50", "5.00", "5.00", "4.00", "5.00", "0.00"),
        *("5.00", "1.00", "0.00", "1.50", "7.00"),
    ]
