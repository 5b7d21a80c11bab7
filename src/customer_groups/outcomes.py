"""What becomes of each customer code in a list, and how often."""

import enum
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerDirectory,
    CustomerKey,
    is_well_formed,
    parse_customer_code,
    parse_customer_key,
)
from customer_groups.errors import InvalidCustomerCodeError

__all__ = [
    "REJECTS",
    "SUCCESSES",
    "WHY_REFUSED",
    "Entry",
    "OnMalformed",
    "OnOutcome",
    "Outcome",
    "OutcomeCounts",
    "Reject",
    "Verdict",
    "classify_additions",
    "classify_removals",
    "count_outcomes",
    "customers_with",
    "look_up",
    "resolve",
    "time_of_change",
    "well_formed",
]


_ONE_MICROSECOND = timedelta(microseconds=1)


class Outcome(enum.StrEnum):
    """What became of one value of a list. The first that applies is the outcome."""

    MALFORMED = "malformed"
    """It cannot be a customer code; found by whoever reads the list, never by an adapter."""
    DUPLICATE = "duplicate"
    """The same value stood earlier in the list, whatever became of it."""
    UNKNOWN = "unknown"
    """No customer has this code; in a list to remove, no member has it as its key either."""
    AMBIGUOUS = "ambiguous"
    """Several customers have this code, and not exactly one of them is active."""
    ALREADY_MEMBER = "already_member"
    """The customer was in the group before, or by an earlier line."""
    NOT_A_MEMBER = "not_a_member"
    """The customer was not in the group, or no longer because of an earlier line."""
    INACTIVE = "inactive"
    """The customer is not active, so cannot become a member."""
    ADDED = "added"
    """The customer is now in the group."""
    REMOVED = "removed"
    """The customer is no longer in the group."""


REJECTS = frozenset({Outcome.MALFORMED, Outcome.UNKNOWN, Outcome.AMBIGUOUS, Outcome.INACTIVE})
"""The outcomes that somebody should look at; the others are information."""

WHY_REFUSED = {
    Outcome.UNKNOWN: "no customer has it",
    Outcome.AMBIGUOUS: "several customers have it",
    Outcome.INACTIVE: "the customer is not active",
}
"""Why a well-formed value is rejected, for people."""

SUCCESSES = frozenset({Outcome.ADDED, Outcome.REMOVED})
"""The outcomes of values that did what was asked for."""


@attrs.frozen(kw_only=True)
class OutcomeCounts:
    """How many values had each outcome.

    Where a list *replaced* the members, ``removed`` counts the members who left because the
    list does not name them; in every other case it counts values, as all fields do.

    Attributes:
        at: The time stored with this change of members; None if no member changed.
    """

    malformed: int = 0
    duplicate: int = 0
    unknown: int = 0
    ambiguous: int = 0
    already_member: int = 0
    not_a_member: int = 0
    inactive: int = 0
    added: int = 0
    removed: int = 0
    at: datetime | None = None

    @classmethod
    def of(cls, counts: Mapping[Outcome, int]) -> "OutcomeCounts":
        """Return the counts of a mapping; an outcome that is not in it did not happen."""
        return cls(
            malformed=counts.get(Outcome.MALFORMED, 0),
            duplicate=counts.get(Outcome.DUPLICATE, 0),
            unknown=counts.get(Outcome.UNKNOWN, 0),
            ambiguous=counts.get(Outcome.AMBIGUOUS, 0),
            already_member=counts.get(Outcome.ALREADY_MEMBER, 0),
            not_a_member=counts.get(Outcome.NOT_A_MEMBER, 0),
            inactive=counts.get(Outcome.INACTIVE, 0),
            added=counts.get(Outcome.ADDED, 0),
            removed=counts.get(Outcome.REMOVED, 0),
        )

    @property
    def rejected(self) -> int:
        """How many values had an outcome that somebody should look at."""
        return sum(count for outcome, count in self.by_outcome().items() if outcome in REJECTS)

    def by_outcome(self) -> dict[Outcome, int]:
        """Return the counts as a mapping, in the order of the outcomes."""
        return {outcome: getattr(self, outcome.value) for outcome in Outcome}


Entry = tuple[int, str]
"""The line of a value in its list, and the value: a customer code or key."""

OnOutcome = Callable[[int, str, Outcome], object]
"""Is told line, value and outcome of a value."""


@attrs.frozen
class Reject:
    """A value of a list that could not be used.

    Attributes:
        line: Where it stands: the physical line of text, or the number of the value where
            the values themselves were given; from 1.
        value: The value; what is not text, as JSON. In the report of an import its first
            1,000 characters; the file of rejects has it whole.
        outcome: ``malformed``, ``unknown``, ``ambiguous`` or ``inactive``.
        reason: Why, for programs: the outcome itself; or where that is ``unknown``,
            ``looks_damaged`` for what looks as if a spreadsheet had made it of a code, such as
            ``1,23E+11``, ``2-Mar`` or ``#N/A``, or ``invisible_character``, such as a byte
            order mark where two files were joined; or where it is ``malformed``, one of

            * ``empty``: nothing but white space
            * ``too_long``: more than 140 characters
            * ``bad_character``: a control character, surrogate or non-character
            * ``not_text``: a number or something else that is not text
            * ``too_many_cells``: on a line with more cells than the first one has
            * ``not_json``: a line of JSON Lines that is not JSON
            * ``repeated_field``: a line of JSON Lines with two fields of the same name
            * ``no_column``: in an object of JSON Lines without the column of customers
        message: Why, for people; to be read after the value.
    """

    line: int
    value: str
    outcome: Outcome
    reason: str
    message: str


OnMalformed = Callable[[int, object, str, str], object]
"""Is told line and value of what cannot be a customer code, the broken rule, and why."""


def well_formed(
    values: Iterable[Entry], on_malformed: OnMalformed, *, by_key: bool = False
) -> Iterator[Entry]:
    """Yield the values that can be customer codes, trimmed, in input order.

    Args:
        values: Lines and values as they were typed.
        on_malformed: Told the others; see `InvalidValueError` for the rules.
        by_key: Whether the values are keys instead of codes.
    """
    parse = parse_customer_key if by_key else parse_customer_code
    for entry in values:
        if is_well_formed(entry[1]):  # nearly all of a million
            yield entry
            continue
        line, value = entry
        try:
            parsed = parse(value)
        except InvalidCustomerCodeError as error:
            on_malformed(line, value, error.rule, error.reason)
        else:
            yield line, parsed


@attrs.frozen
class Verdict:
    """What becomes of one value.

    Attributes:
        line: Where it stands.
        value: The customer code or key.
        outcome: What becomes of it.
        customer: The key of the customer that the value means; None where it means none.
    """

    line: int
    value: str
    outcome: Outcome
    customer: CustomerKey | None = None


def look_up(
    customers: CustomerDirectory, values: Iterable[str], *, by_key: bool
) -> dict[str, Sequence[Customer]]:
    """Return the customers that have each of these codes, or with ``by_key`` keys.

    Args:
        customers: Who is asked.
        values: The codes or keys.
        by_key: Whether they are keys.
    """
    if by_key:
        by_keys = customers.by_keys({CustomerKey(value) for value in values})
        return {key: (customer,) for key, customer in by_keys.items()}
    by_codes = customers.lookup({CustomerCode(value) for value in values})
    return dict(by_codes.items())


def resolve(candidates: Sequence[Customer]) -> Customer | Outcome:
    """Return the customer that a code means, or why it means none.

    Args:
        candidates: All customers that have the code.

    Returns:
        The only one, or the only active one; otherwise ``UNKNOWN`` or ``AMBIGUOUS``.
    """
    if not candidates:
        return Outcome.UNKNOWN
    if len(candidates) == 1:
        return candidates[0]
    active = [customer for customer in candidates if customer.active]
    return active[0] if len(active) == 1 else Outcome.AMBIGUOUS


def classify_additions(
    entries: Iterable[Entry],
    candidates: Mapping[str, Sequence[Customer]],
    members: Container[CustomerKey],
) -> Iterator[Verdict]:
    """Yield what becomes of each value of a list of customers to add, in input order.

    Args:
        entries: The list.
        candidates: The customers that have each value.
        members: The members before the list.
    """
    seen: set[str] = set()
    joined: set[CustomerKey] = set()
    for line, value in entries:
        customer = Outcome.DUPLICATE if value in seen else resolve(candidates.get(value, ()))
        seen.add(value)
        if isinstance(customer, Outcome):
            yield Verdict(line, value, customer)
        elif customer.key in members or customer.key in joined:
            yield Verdict(line, value, Outcome.ALREADY_MEMBER, customer.key)
        elif not customer.active:
            yield Verdict(line, value, Outcome.INACTIVE, customer.key)
        else:
            joined.add(customer.key)
            yield Verdict(line, value, Outcome.ADDED, customer.key)


def classify_removals(
    entries: Iterable[Entry],
    candidates: Mapping[str, Sequence[Customer]],
    members: Container[CustomerKey],
) -> Iterator[Verdict]:
    """Yield what becomes of each value of a list of customers to remove, in input order.

    A value that no customer has any more but that is the key of a member means this member:
    so a customer whom the host deleted can still be removed.

    Args:
        entries: The list.
        candidates: The customers that have each value.
        members: The members before the list.
    """
    seen: set[str] = set()
    left: set[CustomerKey] = set()
    for line, value in entries:
        customer = Outcome.DUPLICATE if value in seen else resolve(candidates.get(value, ()))
        seen.add(value)
        if customer is Outcome.UNKNOWN and value in members:
            key = CustomerKey(value)
        elif isinstance(customer, Outcome):
            yield Verdict(line, value, customer)
            continue
        else:
            key = customer.key
        if key in members and key not in left:
            left.add(key)
            yield Verdict(line, value, Outcome.REMOVED, key)
        else:
            yield Verdict(line, value, Outcome.NOT_A_MEMBER, key)


def count_outcomes(
    verdicts: Iterable[Verdict], on_outcome: OnOutcome | None = None
) -> OutcomeCounts:
    """Return how many values had each outcome.

    Args:
        verdicts: What became of each value.
        on_outcome: Told every outcome but ``added`` and ``removed``, in the given order.
    """
    counts = Counter[Outcome]()
    for verdict in verdicts:
        counts[verdict.outcome] += 1
        if on_outcome is not None and verdict.outcome not in SUCCESSES:
            on_outcome(verdict.line, verdict.value, verdict.outcome)
    return OutcomeCounts.of(counts)


def customers_with(verdicts: Iterable[Verdict], outcome: Outcome) -> set[CustomerKey]:
    """Return the customers whose value had this outcome."""
    return {v.customer for v in verdicts if v.outcome is outcome and v.customer is not None}


def time_of_change(at: datetime, last: datetime | None) -> datetime:
    """Return the time that a change of members is stored with, so that each has its own.

    Args:
        at: When it happens.
        last: The time stored with the change before, if there was one.
    """
    return at if last is None else max(at, last + _ONE_MICROSECOND)
