"""What must become of the values of a list, known without reading it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import attrs

from customer_groups.customers import Customer, CustomerKey
from customer_groups.files.damage import damage_of
from customer_groups.outcomes import Outcome
from customer_groups.testing.strategies.layout import Row
from customer_groups.text import trim

__all__ = ["ExpectedOutcome", "expected_outcomes"]


@attrs.frozen
class ExpectedOutcome:
    """What must become of one value of a list.

    Attributes:
        line: The physical line that it stands on, or begins on, from 1.
        value: The customer code; where it is malformed, the value as it is read.
        outcome: The outcome.
        reason: The outcome again, or why it is that, as in `Reject`.
        customer: The key of the customer who is added; None where nobody is.
    """

    line: int
    value: str
    outcome: Outcome
    reason: str
    customer: CustomerKey | None = None


def expected_outcomes(
    rows: Sequence[Row], directory: Sequence[Customer], members: Collection[CustomerKey]
) -> Iterator[ExpectedOutcome]:
    """Yield what becomes of each value of a list of customers to add, in its order.

    Args:
        rows: The list, from its first line.
        directory: The customers that there are.
        members: The keys of those who are in the group before.
    """
    owners: dict[str | None, list[Customer]] = defaultdict(list)
    for customer in directory:
        owners[customer.code].append(customer)
    seen = set()
    line = 1
    for row in rows:
        for value in row.values:
            code = trim(value.text)
            if value.malformed:
                yield ExpectedOutcome(line, value.text, Outcome.MALFORMED, value.malformed)
            elif code in seen:
                yield ExpectedOutcome(line, code, Outcome.DUPLICATE, Outcome.DUPLICATE.value)
            else:
                seen.add(code)
                outcome, added = _first_outcome(owners[code], members)
                damage = damage_of(code) if outcome is Outcome.UNKNOWN else None
                reason = damage.reason if damage else outcome.value
                yield ExpectedOutcome(line, code, outcome, reason, added)
        line += 1 + row.text.count("\n")


def _first_outcome(
    owners: Sequence[Customer], members: Collection[CustomerKey]
) -> tuple[Outcome, CustomerKey | None]:
    """Return what becomes of the first line with a code, and who is added by it.

    No two codes mean the same customer, so nothing but the code makes a difference.
    """
    if not owners:
        return Outcome.UNKNOWN, None
    meant = owners if len(owners) == 1 else [each for each in owners if each.active]
    if len(meant) != 1:
        return Outcome.AMBIGUOUS, None
    (customer,) = meant
    if customer.key in members:
        return Outcome.ALREADY_MEMBER, None
    return (Outcome.ADDED, customer.key) if customer.active else (Outcome.INACTIVE, None)
