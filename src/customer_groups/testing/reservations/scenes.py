"""A part of a storage that only one round or one trial is about, so that it begins as if empty."""

from collections.abc import Iterable
from random import Random

import attrs

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.paging import MAX_PAGE
from customer_groups.query import GroupQuery
from customer_groups.reservations.model import StockKey, parse_stock_key
from customer_groups.testing.comparison import Call, call
from customer_groups.testing.contracts.values import group
from customer_groups.testing.reservations.drawing import BEGINNING, CUSTOMERS, members_call
from customer_groups.testing.reservations.functions import OnGroups, Operation, Stocks, Together
from customer_groups.text import starts_with

__all__ = ["BOTH", "NONE", "ONE", "Scene"]

ONE, BOTH, NONE = (customer.key for customer in CUSTOMERS)
"""A customer in the first group, one in both groups, and one in none."""


@attrs.frozen
class Scene:
    """Two groups and two stocks that only one round is about.

    Attributes:
        number: The number of the round.
        draw: Draws what happens in it.
    """

    number: int
    draw: Random

    @property
    def groups(self) -> tuple[GroupCode, GroupCode]:
        """The groups."""
        return parse_group_code(f"R{self.number}-A"), parse_group_code(f"R{self.number}-B")

    @property
    def stocks(self) -> tuple[StockKey, StockKey]:
        """The stocks."""
        return parse_stock_key(f"{self.number} x"), parse_stock_key(f"{self.number} y")

    def few(self) -> int:
        """Draw a small quantity."""
        return self.draw.randint(1, 4)

    def request(self, name: str, function: str, *arguments: object, **options: object) -> Call:
        """Return a request of this round."""
        key = f"{self.number} {name}"
        return call(function, *arguments, request_id=key, **{"at": BEGINNING, **options})

    def reserve(self, name: str, quantity: int, group_number: int = 0, **options: object) -> Call:
        """Return a reservation of the first stock."""
        code = self.groups[group_number]
        return self.request(name, "reserve", code, self.stocks[0], quantity, **options)

    def consume(self, name: str, customer: str, quantity: int, **options: object) -> Call:
        """Return an order of the first stock."""
        return self.request(name, "consume", customer, [(self.stocks[0], quantity)], **options)

    def opening(self, on_hand: int) -> list[Operation]:
        """Return what gives the groups their members, and the host so much of both stocks."""
        a, b = self.groups
        return [
            *(OnGroups(call("add", group(code))) for code in self.groups),
            members_call("add_members", a, [ONE, BOTH], BEGINNING),
            members_call("add_members", b, [BOTH], BEGINNING),
            call("set_on_hand", dict.fromkeys(self.stocks, on_hand)),
        ]

    def look(self, operations: Iterable[Operation]) -> Operation:
        """Return how one looks at what came of some operations."""
        asked = [each for each in operations if isinstance(each, Call)]
        groups = GroupQuery(code=starts_with(f"R{self.number}-"))
        stocks = Stocks(
            stocks=self.stocks,
            customers=[BOTH],
            consumptions=sorted(
                {str(each.options["request_id"]) for each in asked if each.method == "consume"}
            ),
            at=BEGINNING,
        )
        return Together((OnGroups(call("find", groups, limit=MAX_PAGE)), stocks))
