"""What is stored of reservations in memory is found as the protocol says."""

from itertools import permutations

import pytest

from customer_groups.codes import GroupCode
from customer_groups.errors import InvalidCursorError, InvalidValueError
from customer_groups.paging import Page, walk
from customer_groups.reservations.errors import (
    RequestReusedError,
)
from customer_groups.reservations.model import (
    GroupReservation,
    ReservationState,
)
from customer_groups.reservations.repository import (
    Booking,
    ReservationQuery,
    ReservationRepository,
    StockTotals,
)
from reservations.promises import (
    DAY,
    NOW,
    A,
    B,
    draw,
    reservation,
)

G, H = GroupCode("G"), GroupCode("H")


def ids(found: Page[GroupReservation] | tuple[GroupReservation, ...]) -> str:
    """Return the ids of reservations, in their order."""
    return "".join(each.id for each in (found.items if isinstance(found, Page) else found))


def booked(repository: ReservationRepository, *made: GroupReservation) -> None:
    """Store reservations, without a word in the ledger."""
    repository.book(Booking(made=made))


def test_requests(repository: ReservationRepository) -> None:
    """A new one has no answer; the same one has it; with another fingerprint it is refused."""
    assert repository.begin("q", "f") is None
    repository.finish("q", "answer")
    assert repository.begin("q", "f") == "answer"
    assert repository.begin("other", "f") is None
    with pytest.raises(RequestReusedError):
        repository.begin("q", "g")


def test_gates(repository: ReservationRepository) -> None:
    """One that nobody closed is open; one that was closed can be opened again."""
    assert repository.lock_gates([H, G]) == {G: True, H: True}
    repository.set_gate(G, is_open=False)
    repository.set_gate(G, is_open=False)
    assert repository.lock_gates([H, G]) == {G: False, H: True}
    assert repository.closed_gates([G, H]) == {G}
    assert repository.closed_gates([H]) == frozenset()
    repository.set_gate(G, is_open=True)
    assert repository.lock_gates([G]) == {G: True}


def test_locking_counts(repository: ReservationRepository) -> None:
    """Each lock of a stock is the next version; reading counts nothing."""
    assert repository.totals([A]) == {A: StockTotals()}
    assert repository.lock_stocks([B, A]) == {A: StockTotals(0, 0, 1), B: StockTotals(0, 0, 1)}
    assert repository.lock_stocks([A, A]) == {A: StockTotals(0, 0, 2)}
    assert repository.totals([A, B]) == {A: StockTotals(0, 0, 2), B: StockTotals(0, 0, 1)}


def test_stocks_that_were_locked_are_listed(repository: ReservationRepository) -> None:
    """By key, page by page."""
    repository.lock_stocks([B, A])
    assert list(walk(lambda after: repository.stocks(limit=1, after=after))) == [A, B]


def test_reservations_by_id(repository: ReservationRepository) -> None:
    """Those that there are; what is stored again replaces what was."""
    booked(repository, reservation(id="2"), reservation(id="1"))
    repository.book(Booking(changed=(reservation(id="2", consumed=3),)))
    assert repository.get(["2", "3", "1"], lock=True) == {
        "1": reservation(id="1"),
        "2": reservation(id="2", consumed=3),
    }


def test_reservations_of_stocks(repository: ReservationRepository) -> None:
    """What has more to give, by stock, and then in the order of consumption."""
    states = {str(number): state for number, state in enumerate(ReservationState)}
    booked(repository, *(reservation(id=key, state=state) for key, state in states.items()))
    booked(
        repository,
        reservation(id="b", stock=B, priority=1),
        reservation(id="x", priority=1),
        reservation(id="c", stock="c"),
    )
    assert ids(repository.of_stocks([B, A], lock=True)) == "x01b"
    assert ids(repository.of_stocks([B])) == "b"


def test_reservations_of_a_group(repository: ReservationRepository) -> None:
    """What is open, the exhausted ones too, by id."""
    states = {str(number): state for number, state in enumerate(ReservationState)}
    booked(repository, reservation(id="h", group=H), reservation(id="a", stock=B))
    booked(repository, *(reservation(id=key, state=state) for key, state in states.items()))
    assert ids(repository.of_group(G, lock=True)) == "012a"
    assert ids(repository.of_group(H)) == "h"


def test_what_is_due(repository: ReservationRepository) -> None:
    """Ends and beginnings that have come, by stock and id; the cursor is good for any time."""
    planned = ReservationState.PLANNED
    booked(
        repository,
        reservation(id="1", stock=B, valid_to=NOW),
        reservation(id="4", valid_from=NOW, state=planned),
        reservation(id="3", valid_to=NOW - DAY, state=ReservationState.EXHAUSTED),
        reservation(id="5", valid_to=NOW + DAY),
        reservation(id="6", valid_from=NOW + DAY, state=planned),
        reservation(id="7", valid_to=NOW, state=ReservationState.RELEASED),
        reservation(id="8"),
    )
    first = repository.due(NOW, limit=2)
    assert ids(first) == "34"
    assert ids(repository.due(NOW, limit=2, after=first.next)) == "1"
    assert ids(repository.due(NOW + DAY, limit=9, after=first.next)) == "561"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (ReservationQuery(), "2314"),
        (ReservationQuery(group=G), "231"),
        (ReservationQuery(group=H), "4"),
        (ReservationQuery(stock=A), "23"),
        (ReservationQuery(states=frozenset({ReservationState.ACTIVE})), "24"),
        (ReservationQuery(states=frozenset(ReservationState)), "2314"),
        (ReservationQuery(group=G, stock=B, states=frozenset({ReservationState.ACTIVE})), ""),
    ],
)
def test_searching(
    repository: ReservationRepository, query: ReservationQuery, expected: str
) -> None:
    """All conditions hold at once; by stock and id, page by page."""
    booked(
        repository,
        reservation(id="4", stock=B, group=H),
        reservation(id="1", stock=B, state="planned"),
        reservation(id="3", state="released"),
        reservation(id="2"),
    )
    found = walk(lambda after: repository.find(query, limit=1, after=after))
    assert ids(tuple(found)) == expected


def test_a_cursor_belongs_to_its_search(repository: ReservationRepository) -> None:
    """Another search refuses it."""
    booked(repository, reservation(id="1"), reservation(id="2"), reservation(id="3"))
    query = ReservationQuery(states=frozenset({ReservationState.ACTIVE}))
    after = repository.find(query, limit=2).next
    assert ids(repository.find(query, limit=2, after=after)) == "3"
    for other in (ReservationQuery(), ReservationQuery(group=G), ReservationQuery(stock=A)):
        with pytest.raises(InvalidCursorError):
            repository.find(other, limit=2, after=after)
    with pytest.raises(InvalidCursorError):
        repository.due(NOW, limit=2, after=after)


@pytest.mark.parametrize("left_out", ReservationState)
def test_the_states_of_a_search_have_no_order(
    repository: ReservationRepository, left_out: ReservationState
) -> None:
    """Equal sets that were made in another order have the same cursor."""
    made = [(state, number) for state in ReservationState for number in "12"]
    booked(repository, *(reservation(id=state + number, state=state) for state, number in made))
    asked = [state for state in ReservationState if state is not left_out]
    queries = [ReservationQuery(states=frozenset(each)) for each in permutations(asked)]
    assert len({repository.find(query, limit=1).next for query in queries}) == 1


@pytest.mark.parametrize("limit", [0, 1_001])
def test_pages_have_bounds(repository: ReservationRepository, limit: int) -> None:
    """A page holds 1 to 1,000 values."""
    for ask in (
        lambda: repository.due(NOW, limit=limit),
        lambda: repository.find(ReservationQuery(), limit=limit),
        lambda: repository.ledger(limit=limit),
        lambda: repository.stocks(limit=limit),
    ):
        with pytest.raises(InvalidValueError, match="limit"):
            ask()


def test_draws(repository: ReservationRepository) -> None:
    """Those of one consumption, by line; what is drawn again replaces what was."""
    ten = draw(line=10)
    repository.book(Booking(drawn=(ten, draw(line=2), draw(consumption="other"))))
    repository.book(Booking(redrawn=(draw(line=2, settled=1),)))
    assert repository.draws("c", lock=True) == (draw(line=2, settled=1), ten)
    assert repository.draws("none") == ()
