"""What users of a storage shall ask for at the same time, drawn for one round."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

import attrs

from customer_groups.reservations.groups import Holdings
from customer_groups.testing.comparison import Call, call
from customer_groups.testing.reservations.drawing import BEGINNING, HOUR, members_call
from customer_groups.testing.reservations.functions import Operation, Together
from customer_groups.testing.reservations.scenes import BOTH, NONE, ONE, Scene

__all__ = ["PLANS", "USERS", "Plan", "plan_anything"]

USERS = ("user 0", "user 1", "user 2")
_NEVER = BEGINNING + 1_000 * HOUR


@attrs.frozen
class Plan:
    """What shall happen in a round.

    Attributes:
        scene: The round.
        before: What is done first.
        meanwhile: What is done at the same time then, user by user.
    """

    scene: Scene
    before: Sequence[Operation]
    meanwhile: Sequence[Sequence[Operation]]

    @property
    def look(self) -> Operation:
        """How one looks at what came of it."""
        return self.scene.look([*self.before, *chain.from_iterable(self.meanwhile)])

    @property
    def cleanup(self) -> Call:
        """Return what ends all that would come due in a later round."""
        return self.scene.request("cleanup", "expire_due", at=_NEVER)


_Meanwhile: TypeAlias = tuple[list[Operation], list[list[Operation]]]
"""What is done first, and what the users do then."""


def _consuming(scene: Scene) -> _Meanwhile:
    """Let users take from one reservation more than it holds."""
    partly = scene.draw.choice((True, False))
    return (
        [*scene.opening(8), scene.reserve("all", scene.draw.choice((5, 8)))],
        [
            [
                scene.consume(f"{user} {number}", ONE, scene.few(), allow_partial=partly)
                for number in range(2)
            ]
            for user in USERS
        ],
    )


def _reserving(scene: Scene) -> _Meanwhile:
    """Let users reserve the last units, for two groups."""
    return (
        scene.opening(4),
        [
            [scene.reserve(f"{user} {number}", scene.few(), number) for number in range(2)]
            for user in USERS
        ],
    )


def _expiring(scene: Scene) -> _Meanwhile:
    """Let one user end what others consume at the same time, by a clock that is behind."""
    return (
        [*scene.opening(6), scene.reserve("short", 5, valid_to=BEGINNING + HOUR)],
        [
            [scene.request("end", "expire_due", at=BEGINNING + HOUR)],
            [scene.consume("in time", ONE, scene.few())],
            [scene.consume("late", ONE, scene.few(), at=BEGINNING + HOUR)],
        ],
    )


def _closing(scene: Scene) -> _Meanwhile:
    """Let one user switch a group off or delete it, for which others reserve."""
    function = scene.draw.choice(("deactivate_group", "delete_group"))
    policy = scene.draw.choice(list(Holdings))
    before = [scene.reserve("first", 2)] if scene.draw.random() < 1 / 2 else []
    return (
        [*scene.opening(6), *before],
        [
            [scene.request("close", function, scene.groups[0], holdings=policy)],
            [scene.reserve("meanwhile", scene.few()), scene.consume("all", NONE, 6)],
            [scene.reserve("too", scene.few()), scene.consume("own", ONE, scene.few())],
        ],
    )


def _settling(scene: Scene) -> _Meanwhile:
    """Let goods leave, while others want to have what is free then."""
    item, sent = scene.stocks[0], scene.few()
    order = f"{scene.number} order"
    leaving = Together(
        (
            scene.request("sent", "settle", order, [(item, sent)]),
            call("set_on_hand", {item: 8 - sent}),
        )
    )
    return (
        [*scene.opening(8), scene.consume("order", NONE, 5)],
        [
            [leaving],
            [scene.reserve("rest", 3), scene.reserve("more", scene.few())],
            [scene.request("back", "unconsume", order, [(item, 1)]), scene.consume("a", ONE, 2)],
        ],
    )


def _in_other_orders(scene: Scene) -> _Meanwhile:
    """Let users take both stocks, each in an order of their own, or one of them twice."""
    x, y = scene.stocks
    lines = [[(x, 1), (y, 1)], [(y, 1), (x, 1)], [(y, 1), (x, 1), (y, 1)]]
    return (
        [*scene.opening(5), scene.reserve("some", 2)],
        [
            [
                scene.request(f"{user} {number}", "consume", BOTH, scene.draw.choice(lines))
                for number in range(2)
            ]
            for user in USERS
        ],
    )


def _repeating(scene: Scene) -> _Meanwhile:
    """Let users send the same request, of whom one asks for something else by mistake."""
    same = scene.draw.choice((scene.consume("same", ONE, 2), scene.reserve("same", 3)))
    other = scene.draw.choice((same, scene.reserve("same", 1)))
    return [*scene.opening(6), scene.reserve("some", 2)], [[same, same], [same], [other]]


def _moving(scene: Scene) -> _Meanwhile:
    """Let users move, give up and consume the same reservation."""
    held, parts = f"{scene.number} held", [None, 1, 2, 4]
    quantity, other = scene.draw.choice(parts), scene.draw.choice(parts)
    return (
        [*scene.opening(6), scene.reserve("held", 4)],
        [
            [scene.request("move", "reallocate", held, scene.groups[1], quantity=quantity)],
            [scene.request("free", "release", held, quantity=other)],
            [scene.consume("own", BOTH, scene.few()), scene.consume("other", BOTH, 1)],
        ],
    )


def _leaving(scene: Scene) -> _Meanwhile:
    """Let a customer leave a group while it consumes what is held for it."""
    return (
        [*scene.opening(5), scene.reserve("held", 4)],
        [
            [members_call("remove_members", scene.groups[0], [ONE], BEGINNING)],
            [scene.consume("one", ONE, 2), scene.consume("two", ONE, 2)],
            [scene.consume("both", BOTH, 1)],
        ],
    )


PLANS: Mapping[str, Callable[[Scene], _Meanwhile]] = {
    "consuming": _consuming,
    "reserving": _reserving,
    "expiring": _expiring,
    "closing": _closing,
    "settling": _settling,
    "in other orders": _in_other_orders,
    "repeating": _repeating,
    "moving": _moving,
    "leaving": _leaving,
}
"""What may happen in a round, by a word for it."""


def plan_anything(scene: Scene) -> _Meanwhile:
    """Draw one of the plans."""
    return scene.draw.choice(list(PLANS.values()))(scene)
