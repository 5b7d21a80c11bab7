"""The model of reservations: a worked example, and what it must refuse."""

from decimal import Decimal

import attrs
import pytest

from customer_groups.errors import InvalidValueError, StaleGroupError
from customer_groups.model import CustomerGroup
from customer_groups.reservations.groups import GroupClosing
from customer_groups.reservations.model import EntryKind, ReservationState
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import ReservationRules
from customer_groups.reservations.requests import Request
from customer_groups.testing.reservations.drawing import BEGINNING, CUSTOMERS, HOUR
from customer_groups.testing.reservations.functions import Together
from customer_groups.testing.reservations.invariants import (
    demand_invariants,
    demand_no_oversell,
    promised,
)
from customer_groups.testing.reservations.model import ReservationModel
from customer_groups.testing.reservations.scenes import BOTH, NONE, ONE, Scene

RULES = ReservationRules()
SCENE = Scene(1, draw=None)  # type: ignore[arg-type]  # nothing is drawn
ITEM = SCENE.stocks[0]


@pytest.fixture
def model() -> ReservationModel:
    """Return a model with 100 on hand, 40 for key accounts and 20 for a short campaign."""
    model = ReservationModel.of(CUSTOMERS, RULES)
    campaign = SCENE.reserve("campaign", 20, 1, priority=10, valid_to=BEGINNING + HOUR)
    Together((*SCENE.opening(100), SCENE.reserve("key accounts", 40), campaign))(model)
    return model


def test_a_worked_example(model: ReservationModel) -> None:
    """Members take their own first, expiry frees the rest, and settled goods are gone."""
    Together((SCENE.consume("both", BOTH, 30), SCENE.consume("none", NONE, 40)))(model)
    assert model.available_to(NONE, ITEM, at=BEGINNING) == 0
    assert model.available_to(ONE, ITEM, at=BEGINNING) == 30
    sources = [(each.reservation, each.quantity) for each in model.draws("1 both")]
    assert sources == [("1 campaign", 20), ("1 key accounts", 10)]
    model.settle("1 both", request_id="sent", at=BEGINNING)
    model.set_on_hand({ITEM: 70})
    back = model.unconsume("1 none", {ITEM: 15}, request_id="back", at=BEGINNING + HOUR)
    assert [each.returned for each in back.draws] == [15]
    there = model.availability(ITEM, at=BEGINNING)
    assert (there.held, there.outstanding, there.free) == (30, 25, 15)
    demand_invariants(model, SCENE.stocks, BEGINNING)


def test_expiry_frees_the_rest_once(model: ReservationModel) -> None:
    """What is not consumed of a campaign is free when it is over, and no more than that."""
    Together((SCENE.consume("both", BOTH, 5),))(model)
    over = BEGINNING + HOUR
    assert model.expire_due(request_id="first", at=over).expired == ("1 campaign",)
    assert model.expire_due(request_id="second", at=over).expired == ()
    assert model.available_to(NONE, ITEM, at=over) == 55


def test_what_is_over_is_not_released(model: ReservationModel) -> None:
    """Who switches a group off later releases only what has not expired."""
    Together((SCENE.reserve("more", 5, 1),))(model)
    closing = SCENE.request(
        "off", "deactivate_group", SCENE.groups[1], holdings="release", at=BEGINNING + HOUR
    )
    [closed] = Together((closing,))(model)
    assert isinstance(closed, GroupClosing)
    assert closed.released == ("1 more",)
    assert model.get_reservation("1 campaign").state is ReservationState.EXPIRED


def test_a_plan_waits_where_nothing_is_free(model: ReservationModel) -> None:
    """What holds nothing before its start gets what is free then, and waits for that."""
    later = SCENE.reserve("later", 9, valid_from=BEGINNING + HOUR, holds_before_start=False)
    Together((later, SCENE.consume("none", NONE, 40)))(model)
    model.promises.on_hand[ITEM] = 80
    assert model.expire_due(request_id="one", at=BEGINNING + HOUR).begun == ()
    model.promises.on_hand[ITEM] = 84
    assert model.expire_due(request_id="two", at=BEGINNING + HOUR).begun == ("1 later",)
    assert model.get_reservation("1 later").quantity == 4


def test_a_copy_is_independent(model: ReservationModel) -> None:
    """What happens to a copy does not happen to the model."""
    before = model.copy()
    Together((SCENE.consume("one", ONE, 7),))(before)
    assert model.promises.outstanding(ITEM) == 0


def test_quantities_have_a_scale() -> None:
    """A model that counts in hundredths takes hundredths."""
    fine = ReservationModel.of(CUSTOMERS, ReservationRules(scale=Scale(2)))
    Together((*SCENE.opening(1),))(fine)
    taken = fine.consume(NONE, [(ITEM, Decimal("0.25"))], request_id="r", at=BEGINNING)
    assert fine.available_to(NONE, ITEM, at=BEGINNING) == Decimal("0.75")
    assert [each.quantity for each in taken.draws] == [Decimal("0.25")]


def test_overselling_is_refused(model: ReservationModel) -> None:
    """More than before and than there is must not be promised; a host that is short may be."""
    before = promised(model, SCENE.stocks)
    model.set_on_hand({ITEM: 10})
    demand_no_oversell(before, model)
    held = model.promises.reservations["1 campaign"]
    model.promises.reservations[held.id] = attrs.evolve(held, quantity=21)
    with pytest.raises(AssertionError, match="no more is promised than 10, or than before: 60"):
        demand_no_oversell(before, model)


def test_sums_that_differ_are_refused(model: ReservationModel) -> None:
    """The ledger must say what is held, and nothing of it may fall below zero."""
    request = Request("wrong", BEGINNING)
    model.promises.note(EntryKind.RELEASE, request, ITEM, held=-1)
    with pytest.raises(AssertionError, match="what the ledger says is held"):
        demand_invariants(model, SCENE.stocks, BEGINNING)
    model.promises.note(EntryKind.RELEASE, request, ITEM, held=-60)
    with pytest.raises(AssertionError, match="nothing falls below zero"):
        demand_invariants(model, SCENE.stocks, BEGINNING)


def test_another_version_than_the_stored_one_is_stale(model: ReservationModel) -> None:
    """Who saw an older group switches nothing off."""
    with pytest.raises(StaleGroupError):
        model.deactivate_group(
            SCENE.groups[0], request_id="off", version=9, holdings="keep", at=BEGINNING
        )


def test_what_was_left_of_a_deleted_group_may_be_moved(model: ReservationModel) -> None:
    """A new group with the code is another one: stock can be moved to it, not within it."""
    code = SCENE.groups[0]
    model.delete_group(code, request_id="gone", holdings="keep", at=BEGINNING)
    model.groups.add(CustomerGroup(code, "New", BEGINNING + HOUR))
    model.activate_group(code, request_id="open", at=BEGINNING + HOUR)
    moved = model.reallocate("1 key accounts", code, request_id="moved", at=BEGINNING)
    assert moved.target.group_created_at == BEGINNING + HOUR
    with pytest.raises(InvalidValueError):
        model.reallocate("moved", code, request_id="again", at=BEGINNING)


def test_an_order_of_nothing_is_refused(model: ReservationModel) -> None:
    """An order without a line is a mistake."""
    with pytest.raises(InvalidValueError):
        model.consume(NONE, [], request_id="nothing", at=BEGINNING)
