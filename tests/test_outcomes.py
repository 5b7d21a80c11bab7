"""What becomes of each customer code in a list: the rule as code, and its properties."""

import pickle
from collections import Counter
from collections.abc import Collection, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.customers import Customer, CustomerCode, CustomerKey
from customer_groups.outcomes import (
    REJECTS,
    SUCCESSES,
    Outcome,
    OutcomeCounts,
    Verdict,
    classify_additions,
    classify_removals,
    count_outcomes,
    resolve,
    well_formed,
)


def customer(key: str, code: str = "C", *, active: bool = True) -> Customer:
    """Return a customer of the tests."""
    return Customer(CustomerCode(code), active=active, key=CustomerKey(key))


ONE = customer("k1", "ONE")
SLEEPING = customer("k2", "SLEEPING", active=False)
TWIN_A = customer("k3", "TWIN")
TWIN_B = customer("k4", "TWIN")
REUSED_OLD = customer("k5", "REUSED", active=False)
REUSED_NEW = customer("k6", "REUSED")
ALIAS = customer("k1", "ALIAS")  # the same customer, found under another value

CANDIDATES = {
    "ONE": [ONE],
    "SLEEPING": [SLEEPING],
    "TWIN": [TWIN_A, TWIN_B],
    "REUSED": [REUSED_OLD, REUSED_NEW],
    "ALIAS": [ALIAS],
}

NOBODY = {Outcome.DUPLICATE, Outcome.UNKNOWN, Outcome.AMBIGUOUS}
"""The outcomes of values that mean no customer."""

values = st.lists(st.sampled_from([*CANDIDATES, "NOBODY", "k1", "k9"]))
memberships = st.frozensets(st.sampled_from(["k1", "k2", "k3", "k6", "k9"]).map(CustomerKey))


def lines(*listed: str) -> Iterator[tuple[int, str]]:
    """Return a generator of numbered values, which can be read only once."""
    return ((line, value) for line, value in enumerate(listed, start=1))


def additions(*listed: str, members: Collection[str] = ()) -> list[tuple[str, str | None]]:
    """Return outcome and customer of each value of a list of customers to add."""
    verdicts = classify_additions(lines(*listed), CANDIDATES, set(map(CustomerKey, members)))
    return [(verdict.outcome, verdict.customer) for verdict in verdicts]


def removals(*listed: str, members: Collection[str] = ()) -> list[tuple[str, str | None]]:
    """Return outcome and customer of each value of a list of customers to remove."""
    verdicts = classify_removals(lines(*listed), CANDIDATES, set(map(CustomerKey, members)))
    return [(verdict.outcome, verdict.customer) for verdict in verdicts]


@pytest.mark.parametrize(
    ("candidates", "meant"),
    [
        ([], Outcome.UNKNOWN),
        ([ONE], ONE),
        ([SLEEPING], SLEEPING),
        ([REUSED_OLD, REUSED_NEW], REUSED_NEW),
        ([REUSED_NEW, REUSED_OLD], REUSED_NEW),
        ([TWIN_A, TWIN_B], Outcome.AMBIGUOUS),
        ([TWIN_A, REUSED_OLD, TWIN_B], Outcome.AMBIGUOUS),
        ([SLEEPING, REUSED_OLD], Outcome.AMBIGUOUS),
    ],
    ids=[
        "nobody",
        "one",
        "one inactive",
        "one of two active",
        "the same in another order",
        "two active",
        "two of three active",
        "two inactive",
    ],
)
def test_whom_a_code_means(candidates: list[Customer], meant: Customer | Outcome) -> None:
    """The only customer that has it, or the only active one; else nobody."""
    assert resolve(candidates) == meant


def test_each_outcome_of_an_addition() -> None:
    """A list with every outcome that an addition can have."""
    assert additions("ONE", "ONE", "NOBODY", "TWIN", "REUSED", "SLEEPING", members={"k6"}) == [
        ("added", "k1"),
        ("duplicate", None),
        ("unknown", None),
        ("ambiguous", None),
        ("already_member", "k6"),
        ("inactive", "k2"),
    ]


def test_each_outcome_of_a_removal() -> None:
    """A list with every outcome that a removal can have; inactive customers may leave."""
    assert removals("ONE", "ONE", "NOBODY", "TWIN", "REUSED", "SLEEPING", members={"k1", "k2"}) == [
        ("removed", "k1"),
        ("duplicate", None),
        ("unknown", None),
        ("ambiguous", None),
        ("not_a_member", "k6"),
        ("removed", "k2"),
    ]


@pytest.mark.parametrize("value", ["ONE", "NOBODY", "TWIN", "SLEEPING"])
def test_a_repetition_is_a_duplicate_whatever_became_of_the_first(value: str) -> None:
    """``duplicate`` comes before every other outcome."""
    assert additions(value, value)[1] == ("duplicate", None)
    assert removals(value, value)[1] == ("duplicate", None)


def test_being_a_member_comes_before_being_inactive() -> None:
    """A member whom the host deactivated meanwhile is still ``already_member``."""
    assert additions("SLEEPING", members={"k2"}) == [("already_member", "k2")]


def test_two_values_for_one_customer() -> None:
    """A customer joins or leaves once; the second value finds it done already."""
    assert additions("ONE", "ALIAS") == [("added", "k1"), ("already_member", "k1")]
    assert removals("ONE", "ALIAS", members={"k1"}) == [
        ("removed", "k1"),
        ("not_a_member", "k1"),
    ]


def test_a_deleted_customer_can_be_removed_by_key() -> None:
    """A value that no customer has, but that is a member's key, removes that member, once."""
    assert removals("k9", "k9", "k8", members={"k9"}) == [
        ("removed", "k9"),
        ("duplicate", None),
        ("unknown", None),
    ]
    assert removals("ONE", "k1", members={"k1"}) == [
        ("removed", "k1"),
        ("not_a_member", "k1"),
    ]
    assert additions("k9", members={"k9"}) == [("unknown", None)]


def test_lines_and_values_are_passed_on() -> None:
    """Each verdict says where its value stands; several may stand on one line."""
    entries = [(3, "ONE"), (3, "NOBODY"), (7, "ONE")]

    assert list(classify_additions(iter(entries), CANDIDATES, ())) == [
        Verdict(3, "ONE", Outcome.ADDED, CustomerKey("k1")),
        Verdict(3, "NOBODY", Outcome.UNKNOWN),
        Verdict(7, "ONE", Outcome.DUPLICATE),
    ]


def test_a_list_is_read_as_it_is_needed() -> None:
    """Verdicts come one by one, so a list may be longer than the memory."""
    entries = lines("ONE", "NOBODY")
    verdicts = classify_additions(entries, CANDIDATES, ())

    assert next(verdicts).value == "ONE"
    assert next(entries) == (2, "NOBODY")


@given(listed=values, members=memberships)
def test_additions_make_members_of_everybody_who_may_be(
    listed: list[str], members: frozenset[CustomerKey]
) -> None:
    """Afterwards the members are those before, and every active customer that is meant."""
    verdicts = list(classify_additions(lines(*listed), CANDIDATES, members))

    joined = [verdict.customer for verdict in verdicts if verdict.outcome is Outcome.ADDED]
    meant = {resolve(CANDIDATES.get(value, ())) for value in listed}
    active = {someone.key for someone in meant if isinstance(someone, Customer) and someone.active}
    assert len(joined) == len(set(joined))
    assert members.isdisjoint(joined)
    assert members | set(joined) == members | active
    assert [(verdict.line, verdict.value) for verdict in verdicts] == list(lines(*listed))
    assert all((verdict.customer is None) is (verdict.outcome in NOBODY) for verdict in verdicts)


@given(listed=values, members=memberships)
def test_removals_leave_nobody_who_is_meant(
    listed: list[str], members: frozenset[CustomerKey]
) -> None:
    """Afterwards no customer that is meant is a member, and nobody else has left."""
    verdicts = list(classify_removals(lines(*listed), CANDIDATES, members))

    left = [verdict.customer for verdict in verdicts if verdict.outcome is Outcome.REMOVED]
    meant = {value: resolve(CANDIDATES.get(value, ())) for value in listed}
    keys = {someone.key for someone in meant.values() if isinstance(someone, Customer)}
    deleted = {value for value, someone in meant.items() if someone is Outcome.UNKNOWN}
    assert len(left) == len(set(left))
    assert set(left) == members & (keys | deleted)
    assert [(verdict.line, verdict.value) for verdict in verdicts] == list(lines(*listed))
    assert all((verdict.customer is None) is (verdict.outcome in NOBODY) for verdict in verdicts)


@given(listed=values, members=memberships)
def test_a_second_run_changes_nothing(listed: list[str], members: frozenset[CustomerKey]) -> None:
    """The same list again adds nobody, and rejects what it rejected."""
    first = list(classify_additions(lines(*listed), CANDIDATES, members))
    joined = {
        verdict.customer for verdict in first if verdict.outcome == "added" and verdict.customer
    }
    second = list(classify_additions(lines(*listed), CANDIDATES, members | joined))

    assert all(verdict.outcome != Outcome.ADDED for verdict in second)
    assert [verdict for verdict in first if verdict.outcome in REJECTS] == [
        verdict for verdict in second if verdict.outcome in REJECTS
    ]


@given(st.lists(st.sampled_from(Outcome)))
def test_counts_add_up(outcomes: list[Outcome]) -> None:
    """There is a count for each outcome, and rejects are counted from them."""
    counts = OutcomeCounts.of(Counter(outcomes))

    assert sum(counts.by_outcome().values()) == len(outcomes)
    assert list(counts.by_outcome()) == list(Outcome)
    assert counts.rejected == sum(outcome in REJECTS for outcome in outcomes)
    assert pickle.loads(pickle.dumps(counts)) == counts  # noqa: S301 - our own bytes


def test_counting_tells_what_did_not_simply_work() -> None:
    """Everything is counted; everything but ``added`` and ``removed`` is told, in order."""
    verdicts = [
        Verdict(1, "ONE", Outcome.ADDED, CustomerKey("k1")),
        Verdict(2, "NOBODY", Outcome.UNKNOWN),
        Verdict(2, "ONE", Outcome.DUPLICATE),
        Verdict(3, "TWO", Outcome.REMOVED, CustomerKey("k2")),
    ]
    told: list[tuple[int, str, Outcome]] = []

    counts = count_outcomes(iter(verdicts), lambda *outcome: told.append(outcome))

    assert told == [(2, "NOBODY", Outcome.UNKNOWN), (2, "ONE", Outcome.DUPLICATE)]
    assert counts == OutcomeCounts(added=1, unknown=1, duplicate=1, removed=1)
    assert count_outcomes(verdicts) == counts
    assert count_outcomes([]) == OutcomeCounts()


def test_which_outcomes_are_rejects() -> None:
    """Somebody should look at four outcomes, two are what was wanted, the others information."""
    assert {"malformed", "unknown", "ambiguous", "inactive"} == REJECTS
    assert {"added", "removed"} == SUCCESSES


def test_values_are_parsed_before_they_are_looked_up() -> None:
    """What can be a code is trimmed and passed on; of the rest one is told the rule and why."""
    malformed: list[tuple[int, object, str, str]] = []
    typed = ((line, value) for line, value in [(1, " C1 "), (2, ""), (4, "a\0b"), (5, "00123")])

    parsed = well_formed(typed, lambda *told: malformed.append(told))

    assert next(parsed) == (1, "C1")
    assert malformed == []
    assert list(parsed) == [(5, "00123")]
    assert malformed == [
        (2, "", "empty", "is empty"),
        (4, "a\0b", "bad_character", "holds U+0000, which is not text"),
    ]


def test_keys_are_parsed_as_codes_are() -> None:
    """A list of keys goes the same way."""
    malformed: list[int] = []

    parsed = well_formed(
        [(1, " k1 "), (2, "x" * 141)], lambda line, *_: malformed.append(line), by_key=True
    )

    assert list(parsed) == [(1, "k1")]
    assert malformed == [2]
