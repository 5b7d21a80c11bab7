"""Transactions on the same reservations at once: who waits, and what is seen afterwards."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import hosted_connection
from customer_groups.errors import RetryableConflictError, StorageError
from customer_groups.reservations.consuming import consume
from customer_groups.reservations.errors import InsufficientStockError, RequestReusedError
from customer_groups.reservations.repository import Booking, ReservationWork, StockTotals
from customer_groups.reservations.reserving import reserve
from customer_groups.reservations.sql import EmbeddedReservations, ReservationFaultKind, verify
from engines import MARIADB, POSTGRESQL
from reservations.promises import A, B, entry, reservation
from reservations.sql_places import GROUP, ON_ALL, as_host, groups_of, held, reservations
from stores import SERVERS
from two_groups import impatient

T = TypeVar("T")

PATIENCE = 0.3  # seconds in which somebody who does not wait would be done
FINGERPRINT = "f" * 64
LEFT_BY_TESTS = {ReservationFaultKind.UNANSWERED, ReservationFaultKind.GATE_BYPASSED}


@pytest.fixture
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedReservations]:
    """Yield reservations on an engine; what is stored agrees in the end."""
    with reservations(request.param, tmp_path) as opened:
        yield opened
        store = groups_of(opened)
        with store.engine.begin() as connection:
            faults = verify(connection, opened.tables, store.storage.tables)
        assert {fault.kind for fault in faults} <= LEFT_BY_TESTS


everywhere = pytest.mark.parametrize("embedded", ON_ALL, indirect=True)
on_servers = pytest.mark.parametrize("embedded", SERVERS, indirect=True)
on_postgresql = pytest.mark.parametrize("embedded", POSTGRESQL, indirect=True)
on_mariadb = pytest.mark.parametrize("embedded", MARIADB, indirect=True)


def second_after_first(
    embedded: EmbeddedReservations,
    first: Callable[[ReservationWork], object],
    second: Callable[[ReservationWork], T],
) -> T:
    """Return what the second does, once the first that it has to wait for has committed."""
    with ThreadPoolExecutor(1) as threads:
        with embedded.store.transaction() as work:
            first(work)
            waiting = threads.submit(embedded.store.run, second)
            with pytest.raises(TimeoutError):
                waiting.result(PATIENCE)
        return waiting.result(30)


def answer(work: ReservationWork) -> None:
    """Begin a request and answer it."""
    assert work.reservations.begin("q", FINGERPRINT) is None
    work.reservations.finish("q", "done")


def hold_five(work: ReservationWork) -> None:
    """Hold 5 of A for the group."""
    version = work.reservations.lock_stocks([A])[A].version
    work.reservations.book(held(reservation(id=f"r{version}", quantity=5), version=version))


def close(work: ReservationWork) -> None:
    """Close the gate of the group."""
    work.reservations.lock_gates([GROUP])
    work.reservations.set_gate(GROUP, is_open=False)


@everywhere
def test_the_same_request_waits_for_its_answer(embedded: EmbeddedReservations) -> None:
    """Who sends a request again while it is worked on gets the answer of the first."""

    def again(work: ReservationWork) -> str | None:
        return work.reservations.begin("q", FINGERPRINT)

    assert second_after_first(embedded, answer, again) == "done"


@everywhere
def test_another_request_with_the_same_id_waits_and_is_refused(
    embedded: EmbeddedReservations,
) -> None:
    """Whether an id is taken is known when the first request has ended."""

    def other(work: ReservationWork) -> None:
        with pytest.raises(RequestReusedError, match="'q'"):
            work.reservations.begin("q", "another")

    second_after_first(embedded, answer, other)


@everywhere
def test_an_undone_request_leaves_its_id_to_the_next(embedded: EmbeddedReservations) -> None:
    """Nothing is left of a request whose transaction was rolled back."""

    def undone(work: ReservationWork) -> None:
        with suppress(ZeroDivisionError), work.reservations.atomic():
            answer(work)
            raise ZeroDivisionError
        answer(work)

    with suppress(ZeroDivisionError), embedded.store.transaction() as work:
        answer(work)
        raise ZeroDivisionError
    embedded.store.run(undone)


@everywhere
@pytest.mark.parametrize("locked_before", [False, True])
def test_who_locks_a_stock_second_sees_what_the_first_has_done(
    embedded: EmbeddedReservations, *, locked_before: bool
) -> None:
    """Stocks are locked one by one, those that nobody has locked before too."""
    before = int(locked_before)
    if locked_before:
        embedded.store.run(lambda work: work.reservations.lock_stocks([A, B]))

    def look(work: ReservationWork) -> object:
        totals = work.reservations.lock_stocks([B, A])
        found = work.reservations.of_stocks([A], lock=True)
        return totals, [each.id for each in found]

    expected = {A: StockTotals(5, 0, before + 2), B: StockTotals(0, 0, before + 1)}
    assert second_after_first(embedded, hold_five, look) == (expected, [f"r{before + 1}"])


@everywhere
def test_who_locks_a_gate_second_sees_it_closed(embedded: EmbeddedReservations) -> None:
    """A group that is being switched off gains nothing any more."""

    def look(work: ReservationWork) -> object:
        return work.reservations.lock_gates([GROUP])

    assert second_after_first(embedded, close, look) == {GROUP: False}
    embedded.store.run(lambda work: work.reservations.set_gate(GROUP, is_open=True))
    assert embedded.store.run(look) == {GROUP: True}


@everywhere
def test_the_last_unit_is_reserved_once(embedded: EmbeddedReservations) -> None:
    """Of two who want more than half each, one gets it, and the other hears how much is left."""

    def want(work: ReservationWork) -> None:
        reserve(work, GROUP, A, 60, request_id="second")

    with pytest.raises(InsufficientStockError, match="60 of 'a' are wanted and 40 can be had"):
        second_after_first(
            embedded, lambda work: reserve(work, GROUP, A, 60, request_id="first"), want
        )


@on_servers
def test_what_is_on_hand_stays_while_it_is_promised(embedded: EmbeddedReservations) -> None:
    """The host cannot take goods away between our look at them and our commit."""
    with impatient(groups_of(embedded)) as other, embedded.store.transaction() as work:
        assert work.on_hand([A], lock=False) == {A: 100}
        update = embedded.on_hand_table.update().values(quantity=1)
        with suppress(ZeroDivisionError), other.transaction() as taking:
            taking.session.execute(update)
            raise ZeroDivisionError
        assert work.on_hand([A], lock=True) == {A: 100}
        with pytest.raises(StorageError), other.transaction() as taking:
            taking.session.execute(update)


def look(work: ReservationWork) -> None:
    """Read something; it fixes what a transaction under REPEATABLE READ sees from now on."""
    work.reservations.totals([A])
    work.on_hand([A], lock=False)


def change_everything(work: ReservationWork) -> None:
    """Reserve, consume, close a gate, and take goods away."""
    reserve(work, GROUP, A, 5, request_id="r2")
    consume(work, "ONE", [(A, 7)], request_id="c1")
    close(work)


@on_mariadb
def test_a_host_that_sees_the_past_locks_and_reads_what_is_there_now(
    embedded: EmbeddedReservations,
) -> None:
    """After our lock, every read that decides shows what others have committed since."""
    embedded.store.run(hold_five)
    with as_host(embedded).transaction() as work:
        look(work)
        embedded.store.run(change_everything)
        embedded.load_on_hand({A: 50})
        repository = work.reservations
        assert repository.totals([A])[A].held == 5
        assert repository.lock_gates([GROUP]) == {GROUP: False}
        assert repository.lock_stocks([A]) == {A: StockTotals(3, 7, 4)}
        assert [each.id for each in repository.of_stocks([A], lock=True)] == ["r2"]
        assert repository.get(["r2"], lock=True)["r2"].remaining == 3
        assert len(repository.of_group(GROUP, lock=True)) == 2
        assert [each.quantity for each in repository.draws("c1", lock=True)] == [5, 2]
        audit = repository.audit([A])[A]
        assert (audit.held, audit.outstanding, audit.ledger) == (3, 7, StockTotals(3, 7))
        assert work.on_hand([A], lock=True) == {A: 50}
        assert repository.draws("c1") == ()


@on_mariadb
def test_a_host_that_sees_the_past_gets_the_answer(embedded: EmbeddedReservations) -> None:
    """A request that was answered unseen is not done twice."""
    with as_host(embedded).transaction() as work:
        look(work)
        embedded.store.run(answer)
        assert work.reservations.begin("q", FINGERPRINT) == "done"


CHANGES: dict[str, Callable[[ReservationWork], object]] = {
    "request": lambda work: work.reservations.begin("q", FINGERPRINT),
    "stock": lambda work: work.reservations.lock_stocks([A]),
    "new stock": lambda work: work.reservations.lock_stocks([B]),
    "gate": lambda work: work.reservations.lock_gates([GROUP]),
}


@on_postgresql
@pytest.mark.parametrize("change", CHANGES)
def test_a_host_of_postgresql_that_sees_the_past_must_repeat(
    embedded: EmbeddedReservations, change: str
) -> None:
    """PostgreSQL does not let a host change or repeat what it cannot see."""

    def meanwhile(work: ReservationWork) -> None:
        answer(work)
        close(work)
        hold_five(work)
        work.reservations.lock_stocks([B])

    embedded.store.run(hold_five)
    with as_host(embedded).transaction() as work:
        look(work)
        embedded.store.run(meanwhile)
        with pytest.raises(RetryableConflictError) as caught:
            CHANGES[change](work)
        assert caught.value.transaction_lost
    as_host(embedded).run(CHANGES[change])


@on_mariadb
def test_a_host_whose_driver_counts_only_changed_rows(embedded: EmbeddedReservations) -> None:
    """A row that was found and stays as it is does not pass for a missing one."""
    store = groups_of(embedded)
    dialect, url = store.engine.dialect, store.engine.url
    _, options = dialect.create_connect_args(url)
    connection = dialect.import_dbapi().connect(**{**options, "client_flag": 0})
    with closing(connection), hosted_connection(connection, url.drivername) as lent:
        work = embedded.store.reservations.bind(store.storage.bind(lent, tenant="t"))
        work.reservations.lock_stocks([A])
        nothing = (entry(held=5), entry(held=-5, line=2))
        work.reservations.book(Booking(entries=nothing, limits={A: 100}))
        assert work.reservations.lock_stocks([A]) == {A: StockTotals(0, 0, 2)}


@everywhere
def test_stocks_are_locked_in_the_order_of_their_keys(embedded: EmbeddedReservations) -> None:
    """Whoever asks in another order waits for nobody in a circle."""
    keys = ["Z", "\U0001f600", "a", "\uffee", "B"]
    locked: list[object] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        if statement.startswith("INSERT"):
            values = parameters.values() if isinstance(parameters, dict) else parameters
            locked.extend(value for value in values if value in keys)  # type: ignore[attr-defined]

    embedded.store.run(lambda work: work.reservations.lock_stocks(keys))  # type: ignore[arg-type]
    engine = groups_of(embedded).engine
    sa.event.listen(engine, "before_cursor_execute", note)
    embedded.store.run(lambda work: work.reservations.lock_stocks(keys + keys))  # type: ignore[arg-type]
    sa.event.remove(engine, "before_cursor_execute", note)
    assert locked == sorted(keys)
