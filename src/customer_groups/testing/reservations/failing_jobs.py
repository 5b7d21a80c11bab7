"""The requests during which the storage fails, and what each of them finds there."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from customer_groups.reservations.groups import Holdings
from customer_groups.testing.comparison import Call
from customer_groups.testing.reservations.drawing import BEGINNING, HOUR
from customer_groups.testing.reservations.functions import Operation
from customer_groups.testing.reservations.scenes import BOTH, Scene

__all__ = ["JOBS", "PlansJob"]

PlansJob: TypeAlias = Callable[[Scene], tuple[Sequence[Operation], Call]]
"""Returns what is done first, and the request that may fail."""


def _reserving(scene: Scene) -> tuple[Sequence[Operation], Call]:
    return [scene.reserve("over", 2, valid_to=BEGINNING + HOUR)], scene.reserve(
        "job", 5, at=BEGINNING + HOUR
    )


def _releasing(scene: Scene) -> tuple[Sequence[Operation], Call]:
    before = scene.reserve("held", 5)
    return [before], scene.request("job", "release", f"{scene.number} held", quantity=2)


def _reallocating(scene: Scene) -> tuple[Sequence[Operation], Call]:
    held, other = f"{scene.number} held", scene.groups[1]
    return [scene.reserve("held", 5)], scene.request("job", "reallocate", held, other, quantity=2)


def _consuming(scene: Scene) -> tuple[Sequence[Operation], Call]:
    lines = [(stock, 3) for stock in scene.stocks]
    before = [scene.reserve("first", 1, priority=1), scene.reserve("other", 1, 1)]
    return before, scene.request("job", "consume", BOTH, lines)


def _ending(function: str) -> PlansJob:
    def plan(scene: Scene) -> tuple[Sequence[Operation], Call]:
        before, order = _consuming(scene)
        consumption = order.options["request_id"]
        lines = [(stock, 2) for stock in scene.stocks]
        return [*before, order], scene.request("end", function, consumption, lines)

    return plan


def _expiring(scene: Scene) -> tuple[Sequence[Operation], Call]:
    before = [
        scene.reserve("over", 2, valid_to=BEGINNING + HOUR),
        scene.reserve("later", 2, valid_from=BEGINNING + HOUR, holds_before_start=False),
    ]
    return before, scene.request("job", "expire_due", at=BEGINNING + HOUR)


def _closing(function: str) -> PlansJob:
    def plan(scene: Scene) -> tuple[Sequence[Operation], Call]:
        code = scene.groups[0]
        return [scene.reserve("held", 2)], scene.request(
            "job", function, code, holdings=Holdings.RELEASE
        )

    return plan


def _opening(scene: Scene) -> tuple[Sequence[Operation], Call]:
    code = scene.groups[0]
    before = scene.request("closed", "deactivate_group", code)
    return [before], scene.request("job", "activate_group", code)


JOBS: Mapping[str, PlansJob] = {
    "reserve": _reserving,
    "release": _releasing,
    "reallocate": _reallocating,
    "consume": _consuming,
    "unconsume": _ending("unconsume"),
    "settle": _ending("settle"),
    "expire_due": _expiring,
    "deactivate_group": _closing("deactivate_group"),
    "delete_group": _closing("delete_group"),
    "activate_group": _opening,
}
"""The requests, by the function that makes them."""
