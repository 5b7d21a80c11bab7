"""The rules about several users of one stock: right storages keep them, wrong ones are found."""

from collections.abc import Sequence

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.customers import Customer
from customer_groups.errors import OutcomeUnknownError, RetryableConflictError
from customer_groups.repository import GroupStore
from customer_groups.reservations.errors import GroupInactiveError
from customer_groups.reservations.repository import ReservationRules
from customer_groups.testing import racers
from customer_groups.testing.comparison import call
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.profiles import ProfileName
from customer_groups.testing.reservations.drawing import BEGINNING, CUSTOMERS
from customer_groups.testing.reservations.functions import Operation
from customer_groups.testing.reservations.model import ReservationModel
from customer_groups.testing.reservations.racing import ReservationRacingRules
from customer_groups.testing.reservations.racing_history import Event, is_explained, table_of
from testing.racing_stores import (
    KeepsTheLock,
    LastCommitWins,
    Locked,
    NeverReachable,
    NeverRepeats,
    ReleasesEarly,
    Shelf,
    SnapshotStore,
)
from testing.reservation_databases import SqlContract
from testing.reservation_hooks import InMemoryRules

PROCESSES = "test_users_in_other_processes_come_in_an_order"
THREADS = sorted({*rules_of(ReservationRacingRules)} - {PROCESSES})
ROUNDS = [rule for rule in THREADS if rule != "test_stocks_are_locked_by_key"]


class Rules(InMemoryRules, ReservationRacingRules):
    """The rules, on a storage in memory."""

    profile: ProfileName = "quick"


class OnAShelf(Rules):
    """The rules, on a storage whose transactions overlap."""

    make_storage = staticmethod(Shelf)
    opens = staticmethod(Locked)
    opens_beside = staticmethod(SnapshotStore)


def rules_beside(store: type[SnapshotStore]) -> OnAShelf:
    """Return the rules, for users of a kind of stores."""
    kind = type(f"Of{store.__name__}", (OnAShelf,), {"opens_beside": staticmethod(store)})
    made: OnAShelf = kind()
    return made


@pytest.mark.parametrize("rule", THREADS)
@pytest.mark.parametrize("contract", [Rules, OnAShelf])
def test_a_right_storage_keeps_the_rules(contract: type[Rules], rule: str) -> None:
    """Whether its users wait for each other or try again: nobody is blamed for nothing."""
    getattr(contract(), rule)()


@pytest.mark.parametrize("rule", ROUNDS)
def test_lost_updates_are_found(rule: str) -> None:
    """Where the last commit wins, every rule is broken, and the failure can be drawn again."""
    contract = rules_beside(LastCommitWins)
    contract.profile = "standard"
    with pytest.raises(AssertionError, match=r"in round \d+, as Random\(\d+\) draws it: no order"):
        getattr(contract, rule)()


def test_a_lock_that_is_released_too_early_is_found() -> None:
    """Where others are let in just before the commit, the last units are sold twice."""
    contract = rules_beside(ReleasesEarly)
    contract.profile = "standard"
    with pytest.raises(AssertionError, match="no order of these requests explains"):
        contract.test_the_last_units_are_reserved_once()


def test_a_conflict_that_reaches_a_user_is_found() -> None:
    """A store that does not try again breaks the rule that all get answers."""
    contract = rules_beside(NeverRepeats)
    contract.profile = "standard"
    with pytest.raises(AssertionError, match=r"run\(\) tries again after a conflict"):
        contract.test_stocks_in_other_orders_are_no_deadlock()


def test_a_storage_that_never_answers_is_found() -> None:
    """Who looks on must see something; else nothing would be checked."""
    with pytest.raises(AssertionError, match="who looks on sees what is stored"):
        rules_beside(NeverReachable).test_a_reservation_is_consumed_once()


def test_users_who_are_stuck_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Users who wait for ever fail the rule, and the storage is not put away."""
    monkeypatch.setattr(racers, "SECONDS_TO_WAIT", 1.0)
    monkeypatch.setattr(racers, "SECONDS_TO_LEAVE", 0.1)
    closed: list[object] = []

    class Closing(OnAShelf):
        opens_beside = staticmethod(KeepsTheLock)

        def close_storage(self, storage: object) -> None:
            closed.append(storage)

    with pytest.raises(racers.StuckError):
        Closing().test_the_last_units_are_reserved_once()
    assert not closed


@pytest.mark.parametrize("rule", [*THREADS, PROCESSES])
def test_the_layer_is_opted_into(rule: str) -> None:
    """Without `concurrent` every rule is skipped."""

    class Plain(ReservationRacingRules):
        profile: ProfileName = "deep"

    with pytest.raises(pytest.skip.Exception, match="to opt in, define concurrent"):
        getattr(Plain(), rule)()


@pytest.mark.parametrize(
    ("profile", "why"), [("quick", "'deep' only"), ("deep", "cannot be sent to another process")]
)
def test_a_storage_of_one_process_is_not_raced_by_others(profile: ProfileName, why: str) -> None:
    """Where processes cannot share a storage, the rule about them says so."""
    contract = Rules()
    contract.profile = profile
    with pytest.raises(pytest.skip.Exception, match=why):
        getattr(contract, PROCESSES)()


def model_with(on_hand: int) -> ReservationModel:
    """Return a model of which a stranger can take so much of X."""
    model = ReservationModel.of(CUSTOMERS, ReservationRules())
    call("set_on_hand", {"X": on_hand})(model)  # type: ignore[arg-type]
    return model


def taking(who: str, quantity: int) -> Operation:
    """Return an order of a stranger."""
    return call("consume", "k2", [("X", quantity)], request_id=who, at=BEGINNING)


def event(who: str, called: int, returned: int, quantity: int, answer: object) -> Event:
    """Return an order that was answered."""
    operation = taking(who, quantity)
    return Event(who=who, called=called, returned=returned, operation=operation, answer=answer)


def right(quantity: int, who: str) -> object:
    """Return the answer to an order where there is enough."""
    return taking(who, quantity)(model_with(9))


def test_an_order_must_explain_all_answers() -> None:
    """Two orders of more than there is are never both served, whichever came first."""
    both = [event(who, 0, 9, 2, right(2, who)) for who in ("a", "b")]
    assert is_explained(model_with(4), both)
    assert not is_explained(model_with(3), both)


def test_what_was_over_came_first() -> None:
    """Who asked later cannot have been served before."""
    refused = Exception()
    try:
        taking("a", 2)(model_with(1))
    except ValueError as error:
        refused = error
    late, early = event("b", 5, 9, 2, right(2, "b")), event("a", 0, 3, 2, refused)
    assert not is_explained(model_with(3), [late, early])
    assert is_explained(model_with(3), [late, event("a", 0, 6, 2, refused)])


def test_a_closed_group_may_be_a_deleted_one() -> None:
    """Who races cannot tell a group that is gone from one that gains nothing."""
    asked = call("reserve", "G", "X", 1, request_id="r", at=BEGINNING)
    for code, is_right in (("G", True), ("H", False)):
        answer = GroupInactiveError(code)
        refused = Event(who="a", called=0, returned=9, operation=asked, answer=answer)
        assert is_explained(model_with(1), [refused]) is is_right


@pytest.mark.parametrize("on_hand", [2, 4])
def test_what_nobody_knows_may_have_happened(on_hand: int) -> None:
    """An order whose outcome is unknown may have been served or not, at any time."""
    unknown = event("a", 0, 1, 2, OutcomeUnknownError("who knows"))
    conflict = event("c", 0, 1, 2, RetryableConflictError("not now"))
    served = event("b", 5, 9, 2, right(2, "b"))
    assert is_explained(model_with(on_hand), [unknown, conflict, served])
    assert not is_explained(model_with(1), [unknown, conflict, served])


def test_a_table_shows_who_asked_for_what() -> None:
    """The table is in the order in which was asked, and shows the answers."""
    table = table_of([event("b", 5_000, 9_000, 1, "late"), event("a", 0, 3_000, 2, "early")])
    assert [line.split()[-1] for line in table.splitlines()[1::2]] == ["'early'", "'late'"]


class DeepSqlite(SqlContract):
    """The rules, on a file that processes share."""

    profile: ProfileName = "deep"


class Forgetful(Rules):
    """A storage that can be sent to other processes, and is another one there."""

    profile: ProfileName = "deep"
    make_storage = staticmethod(str)

    def opens(self, storage: str, tenant: str, customers: Sequence[Customer]) -> GroupStore:
        """Open a store on a new storage."""
        return InMemoryGroupStore(InMemoryStorage(), f"{tenant}{storage}", customers)

    opens_beside = opens


def test_processes_keep_the_rules() -> None:
    """Several processes on one file are no different from several threads."""
    try:
        getattr(DeepSqlite(), PROCESSES)()
    except pytest.skip.Exception as skipped:
        pytest.fail(f"skipped: {skipped}")


def test_processes_that_see_another_storage_are_a_reason_to_skip() -> None:
    """Where processes do not see what is stored, the rule about them says so."""
    with pytest.raises(pytest.skip.Exception, match="do not see what is stored"):
        getattr(Forgetful(), PROCESSES)()
