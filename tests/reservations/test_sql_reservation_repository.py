"""The repository of reservations on a database: what the statements must do."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from customer_groups.adapters.sql import EmbeddedGroupStore
from customer_groups.codes import GroupCode
from customer_groups.customers import Customer
from customer_groups.errors import InvalidCursorError, StorageError
from customer_groups.paging import walk
from customer_groups.reservations.errors import InsufficientStockError, Shortage
from customer_groups.reservations.model import GroupReservation, ReservationState, StockKey
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import (
    Booking,
    ReservationQuery,
    ReservationRules,
    ReservationWork,
    StockTotals,
)
from customer_groups.reservations.sql import EmbeddedReservations
from reservations.promises import DAY, NOW, A, B, draw, entry, reservation
from reservations.sql_places import (
    GROUP,
    ON_ALL,
    as_host,
    groups_of,
    held,
    reservations,
    statements_on,
)

MANY = [StockKey(f"k{number:04}") for number in range(1_100)]
LARGEST = 10**9


@pytest.fixture(params=ON_ALL)
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedReservations]:
    """Yield reservations on each engine, counted in thousandths."""
    with reservations(request.param, tmp_path, rules=ReservationRules(scale=Scale(3))) as opened:
        yield opened


@pytest.fixture
def work(embedded: EmbeddedReservations) -> Iterator[ReservationWork]:
    """Yield a unit of work."""
    with embedded.store.transaction() as opened:
        yield opened


def book(work: ReservationWork, *made: GroupReservation) -> None:
    """Store new reservations, each of another stock."""
    work.reservations.lock_stocks([each.stock for each in made])
    work.reservations.book(held(*made))


def test_values_come_back_as_they_were(work: ReservationWork) -> None:
    """Each field of a reservation, a draw and an entry is kept."""
    made = reservation(
        id="Ä \U0001f600",
        quantity=Decimal("10.125"),
        consumed=Decimal("0.001"),
        valid_from=NOW,
        valid_to=NOW + DAY,
        priority=1,
        holds_before_start=False,
        state=ReservationState.PLANNED,
        created_by="me",
    )
    drawn = draw(
        line=2, reservation="r", quantity=Decimal(LARGEST), settled=1, returned=Decimal("0.5")
    )
    noted = entry(
        held=Decimal("-0.001"), outstanding=LARGEST, reservation="r", customer="C1", by="me"
    )
    booking = Booking(entries=(noted,), limits={A: LARGEST}, made=(made,), drawn=(drawn,))
    work.reservations.lock_stocks([A])
    work.reservations.book(booking)
    assert work.reservations.get([made.id, "other"]) == {made.id: made}
    assert work.reservations.draws("c") == (drawn,)
    assert work.reservations.ledger(limit=1).items == (noted,)
    ended = made.ended(ReservationState.EXPIRED)
    changed = attrs.evolve(drawn, returned=Decimal("0.75"))
    work.reservations.book(Booking(changed=(ended,), redrawn=(changed,)))
    assert work.reservations.get([made.id]) == {made.id: ended}
    assert work.reservations.draws("c") == (changed,)


def test_quantities_have_the_places_of_the_scale(work: ReservationWork) -> None:
    """All quantities come back in one form, but what was stored finer before keeps its places."""
    book(work, reservation(quantity=2))
    found = work.reservations.get(["r"])["r"]
    assert (str(found.quantity), str(found.consumed)) == ("2.000", "0.000")
    work.reservations.book(Booking(changed=(attrs.evolve(found, quantity=Decimal("1.00005")),)))
    assert str(work.reservations.get(["r"])["r"].quantity) == "1.000050"
    totals = work.reservations.totals([A, B])
    assert str(totals) == str(
        {
            A: StockTotals(Decimal("2.000"), Decimal("0.000"), 1),
            B: StockTotals(Decimal("0.000"), Decimal("0.000"), 0),
        }
    )
    audit = work.reservations.audit([A])[A]
    assert [str(each) for each in (audit.ledger.held, audit.held, audit.outstanding)] == [
        "2.000",
        "1.000050",
        "0.000",
    ]


def test_the_storage_checks_the_limit_as_it_writes(work: ReservationWork) -> None:
    """What is not free is not booked; nothing remains, and the transaction goes on."""
    repository = work.reservations
    book(work, reservation(quantity=8))
    repository.lock_stocks([A, B])
    more = held(reservation(id="b", stock=B), reservation(id="a", quantity=5), version=2, limit=9)
    with pytest.raises(InsufficientStockError) as caught:
        repository.book(more)
    assert caught.value.shortages == (Shortage(A, 5, 1), Shortage(B, 10, 9))
    assert repository.find(ReservationQuery(), limit=9).items == (reservation(quantity=8),)
    assert [each.held for each in repository.totals([A, B]).values()] == [8, 0]
    assert len(repository.ledger(limit=9).items) == 1
    repository.book(held(reservation(id="a", quantity=1), version=2, limit=9))
    assert repository.totals([A])[A].held == 9


def test_what_was_stored_before_a_stock_is_short_is_undone(work: ReservationWork) -> None:
    """Where only the second stock has too little, the first gets nothing either."""
    work.reservations.lock_stocks([A, B])
    two = held(reservation(quantity=9), reservation(id="b", stock=B), limit=9)
    with pytest.raises(InsufficientStockError) as caught:
        work.reservations.book(two)
    assert caught.value.shortages == (Shortage(B, 10, 9),)
    assert [each.held for each in work.reservations.totals([A, B]).values()] == [0, 0]


def test_orders_alone_have_a_limit_too(work: ReservationWork) -> None:
    """Where the host has less than is held, members cannot consume all of it."""
    book(work, reservation(quantity=8))
    taken = entry(version=2, held=-5, outstanding=5, reservation="r")
    with pytest.raises(InsufficientStockError) as caught:
        work.reservations.book(Booking(entries=(taken,), limits={A: 4}))
    assert caught.value.shortages == (Shortage(A, 5, 4),)
    work.reservations.book(Booking(entries=(taken,), limits={A: 5}))
    assert work.reservations.totals([A])[A] == StockTotals(3, 5, 1)


def test_what_falls_needs_no_limit(work: ReservationWork) -> None:
    """Stock can be freed however little the host has; entries of one stock are added up first."""
    book(work, reservation(quantity=8))
    fall = entry(version=2, held=-6)
    rise = entry(version=2, line=2, held=5)
    work.reservations.book(Booking(entries=(rise, fall)))
    nothing = (entry(version=3, held=-2, line=1), entry(version=3, held=2, line=2))
    work.reservations.book(Booking(entries=nothing))
    assert work.reservations.totals([A])[A].held == 7


def test_a_limit_may_be_more_than_a_column_holds(work: ReservationWork) -> None:
    """A host may say that there is no end of something."""
    work.reservations.lock_stocks([A])
    work.reservations.book(held(reservation(), limit=10**30))
    assert work.reservations.totals([A])[A].held == 10


def test_totals_are_corrected(work: ReservationWork) -> None:
    """Whatever the totals were, they are what is said; the version stays."""
    book(work, reservation(), reservation(id="b", stock=B))
    work.reservations.correct(A, StockTotals(1, 2, 7))
    totals = {A: StockTotals(1, 2, 1), B: StockTotals(10, 0, 1)}
    assert work.reservations.totals([B, A]) == totals


def test_many_keys_are_served_in_parts(work: ReservationWork) -> None:
    """More keys than one statement takes are locked, read, booked and audited."""
    made = [reservation(id=f"r{key}", stock=key) for key in MANY]
    book(work, *made)
    repository = work.reservations
    assert list(repository.totals(MANY)) == MANY
    assert repository.of_stocks(set(MANY), lock=True) == tuple(made)
    assert len(repository.get([each.id for each in made])) == len(made)
    assert {each.held for each in repository.audit(MANY).values()} == {10}
    assert tuple(walk(lambda after: repository.stocks(limit=400, after=after))) == tuple(MANY)
    query = ReservationQuery(states=frozenset([ReservationState.ACTIVE]))
    pages = walk(lambda after: repository.find(query, limit=400, after=after))
    assert tuple(pages) == tuple(made)


def test_pages_follow_the_order_of_code_points(work: ReservationWork) -> None:
    """Every engine sorts keys in the same way, whatever its collation."""
    keys = [StockKey(key) for key in ("B", "a", "a b", "aB", "ab", "ä", "\uffee", "\U0001f600")]
    book(work, *(reservation(id=f"r{key}", stock=key) for key in reversed(keys)))
    repository = work.reservations
    assert list(walk(lambda after: repository.stocks(limit=1, after=after))) == keys
    entries = walk(lambda after: repository.ledger(limit=1, after=after))
    assert [each.stock for each in entries] == keys
    found = walk(lambda after: repository.due(NOW, limit=1, after=after))
    assert list(found) == []
    ended = [reservation(id=f"r{key}", stock=key, valid_to=NOW) for key in keys]
    repository.book(Booking(changed=tuple(ended)))
    assert list(walk(lambda after: repository.due(NOW, limit=1, after=after))) == ended


def test_a_search_narrows_by_group_stock_and_state(work: ReservationWork) -> None:
    """Every part of a query counts, and a cursor serves no other one."""
    book(work, reservation(), reservation(id="b", stock=B))
    work.reservations.lock_stocks([A])
    work.reservations.book(held(reservation(id="s", group="H"), version=2))
    work.reservations.book(held(reservation(id="t", state="released"), version=3))
    queries = {
        "bst r": ReservationQuery(),
        "r st": ReservationQuery(stock=A),
        "r t b": ReservationQuery(group=GROUP),
        "s": ReservationQuery(group=GroupCode("H"), stock=A),
        "t": ReservationQuery(states=frozenset([ReservationState.RELEASED])),
    }
    for ids, query in queries.items():
        found = work.reservations.find(query, limit=9).items
        assert {each.id for each in found} == set(ids) - {" "}
    cursor = work.reservations.find(queries["r st"], limit=1).next
    with pytest.raises(InvalidCursorError):
        work.reservations.find(queries["bst r"], limit=1, after=cursor)


def test_versions_are_paged_as_numbers(work: ReservationWork) -> None:
    """The tenth change comes after the second."""
    entries = [entry(version=version, line=line) for version in range(1, 13) for line in (1, 2)]
    work.reservations.lock_stocks([A])
    work.reservations.book(Booking(entries=tuple(entries), limits={A: 1_000}))
    pages = walk(lambda after: work.reservations.ledger(stock=A, limit=1, after=after))
    assert list(pages) == entries


def test_what_a_search_fixes_orders_nothing(embedded: EmbeddedReservations) -> None:
    """Pages of one stock or group are read along an index, as what they have alike is left out."""
    with embedded.store.transaction() as work:
        made = [reservation(id=f"r{number}") for number in range(3)]
        lines = tuple(entry(line=line, reservation="r") for line in (1, 2, 3))
        work.reservations.lock_stocks([A])
        work.reservations.book(Booking(made=tuple(made), entries=lines, limits={A: 100}))
        query = ReservationQuery(group=GROUP, stock=A)
        with statements_on(groups_of(embedded).engine) as statements:
            found = walk(lambda after: work.reservations.find(query, limit=1, after=after))
            assert list(found) == made
            entries = walk(
                lambda after: work.reservations.ledger(
                    stock=A, reservation="r", limit=1, after=after
                )
            )
            assert tuple(entries) == lines
    orders = {each.partition(" ORDER BY ")[2].splitlines()[0].strip() for each in statements}
    assert orders == {"cg_reservation.id", "cg_ledger.version, cg_ledger.line"}
    ranges = "\n".join(each.partition("WHERE")[2] for each in statements)
    assert "stock >" not in ranges


def test_what_is_open_and_what_is_due(work: ReservationWork) -> None:
    """Due are open ones whose end has come, and planned ones whose start has, or has none."""
    planned = ReservationState.PLANNED
    made = {
        "ended": reservation(valid_to=NOW),
        "exhausted": reservation(consumed=10, state="exhausted", valid_to=NOW),
        "released": reservation(state="released", valid_to=NOW),
        "later": reservation(valid_to=NOW + DAY),
        "begun": reservation(state=planned, valid_from=NOW),
        "at once": reservation(state=planned),
        "missed": reservation(state=planned, created_at=NOW + DAY, valid_to=NOW),
        "planned": reservation(state=planned, valid_from=NOW + DAY),
        "ever": reservation(),
    }
    book(work, *(attrs.evolve(each, id=id_, stock=id_) for id_, each in made.items()))
    is_open = sorted(made.keys() - {"released"})
    assert [each.id for each in work.reservations.of_group(GROUP)] == is_open
    assert work.reservations.of_group(GroupCode("H"), lock=True) == ()
    assert work.reservations.of_stocks([StockKey("exhausted")]) == ()
    due = work.reservations.due(NOW, limit=9).items
    assert [each.id for each in due] == ["at once", "begun", "ended", "exhausted", "missed"]
    expired = tuple(each.ended(ReservationState.EXPIRED) for each in due)
    work.reservations.book(Booking(changed=expired))
    assert work.reservations.due(NOW, limit=9).items == ()


def test_tenants_do_not_see_each_other(embedded: EmbeddedReservations) -> None:
    """The same ids, stocks and groups of another tenant are others; so are its cursors."""
    other = EmbeddedGroupStore(groups_of(embedded).engine, tenant="other")
    two = EmbeddedReservations(other)
    two.load_on_hand({A: 7})
    cursors = []
    for store in (embedded.store, two.store):
        with store.transaction() as work:
            repository = work.reservations
            assert repository.begin("q", "f") is None
            repository.finish("q", "mine")
            assert repository.lock_gates([GROUP]) == {GROUP: True}
            repository.set_gate(GROUP, is_open=False)
            book(work, reservation(), reservation(id="b", stock=B))
            repository.book(Booking(drawn=(draw(),)))
            repository.correct(A, StockTotals(4))
            assert len(repository.find(ReservationQuery(), limit=9).items) == 2
            assert len(repository.draws("c")) == 1
            assert repository.audit([A])[A].outstanding == 10
            cursors.append(repository.stocks(limit=1).next)
    with embedded.store.transaction() as work:
        assert work.on_hand([A], lock=True) == {A: 100}
        with pytest.raises(InvalidCursorError):
            work.reservations.stocks(limit=1, after=cursors[1])
    with two.store.transaction() as work:
        assert work.on_hand([A], lock=True) == {A: 7}
        assert work.reservations.lock_stocks([A])[A] == StockTotals(4, 0, 2)


def change_much_and_fail(work: ReservationWork) -> None:
    """Change groups, requests, gates and stocks, and fail."""
    work.core.groups.remove(GROUP)
    assert work.reservations.begin("q", "f") is None
    work.reservations.lock_gates([GROUP])
    work.reservations.set_gate(GROUP, is_open=False)
    book(work, reservation())
    raise ZeroDivisionError


def test_a_failure_inside_atomic_leaves_nothing(embedded: EmbeddedReservations) -> None:
    """Groups and reservations are undone together, and the host's transaction goes on."""
    with as_host(embedded).transaction() as work:
        with pytest.raises(ZeroDivisionError), work.reservations.atomic():
            change_much_and_fail(work)
        assert work.core.groups.get(GROUP).code == GROUP
        assert work.reservations.closed_gates([GROUP]) == frozenset()
        assert work.reservations.begin("q", "other") is None
    with embedded.store.transaction() as work:
        assert work.reservations.stocks(limit=1).items == ()


def test_gates_are_asked_for_without_locks(work: ReservationWork) -> None:
    """Only closed ones are told, of any number of groups."""
    codes = [GroupCode(f"G{number}") for number in range(600)]
    work.reservations.lock_gates(codes[:2])
    work.reservations.set_gate(codes[1], is_open=False)
    assert work.reservations.closed_gates(codes) == {codes[1]}


def test_a_double_is_a_failure(work: ReservationWork) -> None:
    """What the database refuses changes no totals once it is undone."""
    book(work, reservation())
    with pytest.raises(StorageError), work.reservations.atomic():
        work.reservations.book(held(reservation(), version=2))
    assert work.reservations.totals([A])[A].held == 10


def test_customers_and_requests_may_be_long(work: ReservationWork) -> None:
    """The longest keys fit, and an answer of hundreds of kilobytes."""
    long = "\U0010fffd" * 80
    assert work.reservations.begin(long, "f" * 64) is None
    work.reservations.finish(long, "ä" * 300_000)
    assert work.reservations.begin(long, "f" * 64) == "ä" * 300_000
    customer = Customer(None, "", key="\U0010fffd" * 140).key
    key = StockKey("\U0010fffd" * 140)
    work.reservations.lock_stocks([key])
    drawn = draw(consumption=long, customer=customer, stock=key, reservation=long)
    noted = entry(stock=key, request_id=long, customer=customer, reservation=long)
    booking = Booking(drawn=(drawn,), entries=(noted,), limits={key: 10})
    work.reservations.book(booking)
    assert work.reservations.draws(long) == (drawn,)
    assert work.reservations.ledger(reservation=long, limit=1).items == (noted,)


def test_an_amount_that_no_column_holds_is_a_failure(work: ReservationWork) -> None:
    """Sums beyond 64 bits are refused, not cut."""
    work.reservations.lock_stocks([A])
    with pytest.raises(StorageError), work.reservations.atomic():
        work.reservations.correct(A, StockTotals(10**15))


def test_statements_of_a_consumption_do_not_grow_with_its_reservations(
    embedded: EmbeddedReservations,
) -> None:
    """A lock, a read and a change take as many statements for one reservation as for many."""
    counted = []
    engine = groups_of(embedded).engine
    with embedded.store.transaction() as work:
        for number, amount in ((1, 1), (2, 400)):
            made = [reservation(id=f"{number}-{each}", quantity=1) for each in range(amount)]
            repository = work.reservations
            version = repository.lock_stocks([A])[A].version
            lines = tuple(
                entry(version=version, line=line, held=1) for line in range(1, amount + 1)
            )
            repository.book(Booking(made=tuple(made), entries=lines, limits={A: 1_000}))
            with statements_on(engine) as statements:
                repository.lock_stocks([A])
                found = repository.of_stocks([A], lock=True)
                repository.book(Booking(changed=found))
            counted.append(len(statements))
    assert counted[0] == counted[1]
