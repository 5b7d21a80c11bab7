"""Rejects are counted, kept and told in the order of the list."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.files.damage import INVISIBLE_CHARACTER, LOOKS_DAMAGED
from customer_groups.files.rejects import MOST_REPORTED_CHARACTERS, Rejects
from customer_groups.outcomes import WHY_REFUSED, Outcome, Reject


def test_all_kinds_come_in_the_order_of_the_list() -> None:
    """The reader finds its rejects before the storage does, but each is told at its place."""
    with Rejects() as rejects:
        rejects.add_unreadable(2, "x", "too_many_cells", "stands among 3 cells")
        rejects.add_unreadable(6, "y", "too_many_cells", "stands among 3 cells")
        rejects.add_malformed(4, "", "empty", "is empty")
        rejects.add_outcome(1, "C1", Outcome.UNKNOWN)
        rejects.add_outcome(4, "C4", Outcome.AMBIGUOUS)
        rejects.add_outcome(5, "C5", Outcome.INACTIVE)
        assert [reject for reject, _ in rejects] == [
            Reject(1, "C1", Outcome.UNKNOWN, "unknown", "no customer has it"),
            Reject(2, "x", Outcome.MALFORMED, "too_many_cells", "stands among 3 cells"),
            Reject(4, "", Outcome.MALFORMED, "empty", "is empty"),
            Reject(4, "C4", Outcome.AMBIGUOUS, "ambiguous", "several customers have it"),
            Reject(5, "C5", Outcome.INACTIVE, "inactive", "the customer is not active"),
            Reject(6, "y", Outcome.MALFORMED, "too_many_cells", "stands among 3 cells"),
        ]
        assert (len(rejects), rejects.malformed, rejects.refused) == (6, 3, 3)
        assert [reject.line for reject in rejects.first(2)] == [1, 2]


def test_a_value_that_looks_damaged_is_told_so_only_where_no_customer_has_it() -> None:
    """The outcome is the same, and so is the value."""
    with Rejects() as rejects:
        rejects.add_outcome(1, "1E5", Outcome.UNKNOWN)
        rejects.add_outcome(2, "1E5", Outcome.INACTIVE)
        (unknown, value), (inactive, _) = rejects
    message = (
        "no customer has it; it looks like a number that a spreadsheet made of a code:"
        " format the column as text and export it again"
    )
    assert (unknown, value) == (Reject(1, "1E5", Outcome.UNKNOWN, LOOKS_DAMAGED, message), "1E5")
    assert inactive == Reject(2, "1E5", Outcome.INACTIVE, "inactive", "the customer is not active")


@given(st.text(), st.sampled_from(sorted(WHY_REFUSED)))
def test_no_look_changes_an_outcome_or_a_value(value: str, outcome: Outcome) -> None:
    """Reason and message are all that is told beside them."""
    with Rejects() as rejects:
        rejects.add_outcome(1, value, outcome)
        ((reject, _),) = rejects
    assert (reject.value, reject.outcome) == (value, outcome)
    assert reject.reason in {outcome.value, LOOKS_DAMAGED, INVISIBLE_CHARACTER}


@pytest.mark.parametrize("outcome", [Outcome.DUPLICATE, Outcome.ALREADY_MEMBER])
def test_information_is_no_reject(outcome: Outcome) -> None:
    """Nobody has to correct it."""
    with Rejects() as rejects:
        rejects.add_outcome(1, "C1", outcome)
        assert (len(rejects), list(rejects)) == (0, [])


def test_what_is_not_text_is_told_as_json_and_kept_as_it_is() -> None:
    """A rejects file in JSON Lines must not turn a number into text."""
    with Rejects() as rejects:
        rejects.add_malformed(1, 5, "not_text", "is not text")
        rejects.add_malformed(2, {"a": None}, "not_text", "is not text")
        told = [(reject.value, value) for reject, value in rejects]
    assert told == [("5", 5), ('{"a": null}', {"a": None})]


def test_only_the_first_are_kept_where_that_is_enough() -> None:
    """All of them are counted."""
    with Rejects(keep=2) as rejects:
        for line in range(1, 10):
            rejects.add_outcome(line, "C", Outcome.UNKNOWN)
            rejects.add_malformed(line, "", "empty", "is empty")
        assert len(rejects) == 18
        first = [(reject.line, reject.reason) for reject in rejects.first(2)]
        assert first == [(1, "empty"), (1, "unknown")]
        assert len(list(rejects)) == 4


@pytest.mark.parametrize("value", ["x" * 5_000, ["x" * 5_000]])
def test_a_long_value_is_cut_where_it_is_reported(value: object) -> None:
    """What is written has it whole."""
    with Rejects() as rejects:
        rejects.add_malformed(1, value, "too_long", "is too long")
        ((written, read),) = rejects
        (reported,) = rejects.first(1)
    assert read == value
    assert len(written.value) >= 5_000
    assert reported == attrs.evolve(written, value=written.value[:MOST_REPORTED_CHARACTERS])


def test_they_can_begin_again() -> None:
    """As an import does that is tried again."""
    with Rejects() as rejects:
        rejects.add_outcome(1, "C1", Outcome.UNKNOWN)
        rejects.add_unreadable(1, "x", "too_many_cells", "stands among 3 cells")
        rejects.add_malformed(1, "", "empty", "is empty")
        rejects.clear()
        assert (len(rejects), list(rejects), rejects.malformed) == (0, [], 0)
