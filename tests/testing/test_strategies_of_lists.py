"""Texts to import are generated together with what an import of them must report."""

import io
import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.codes import GroupCode
from customer_groups.customers import CustomerKey
from customer_groups.errors import UnknownFormatError
from customer_groups.importing import ImportReport, import_customers
from customer_groups.model import CustomerGroup
from customer_groups.outcomes import Outcome, Reject
from customer_groups.repository import GroupStore
from customer_groups.testing.strategies import ExpectedOutcome, ImportText, import_texts
from searching_examples import examples, found
from stores import CUSTOMERS, MOMENT, STORES

VIP = GroupCode("VIP")
FORMATS = ["pasted", "delimited", "jsonl"]

Texts = dict[str, list[ImportText]]


def imported(store: GroupStore, case: ImportText, *, as_file: bool) -> ImportReport:
    """Import the text into a group with the members that it is meant for; check who is in it."""
    with store.transaction() as work:
        work.groups.add(CustomerGroup(VIP, "VIP", MOMENT))
        import_customers(work, VIP, list(case.members), by_key=True)
        source = io.BytesIO(case.text.encode()) if as_file else case.text
        report = import_customers(work, VIP, source, **case.options)
        page = work.groups.members(VIP, limit=1_000)
    assert {each.customer for each in page.items} == {*case.members, *case.added}
    return report


def shown(reject: Reject | ExpectedOutcome) -> tuple[int, bool, str, str]:
    """Return what a program sees of a reject: its line first, then whether it is readable."""
    is_readable = reject.outcome is not Outcome.MALFORMED
    return reject.line, is_readable, reject.value, reject.reason


@pytest.mark.parametrize("adapter", ["memory", "sqlite"])
@given(case=import_texts(), as_file=st.booleans())
def test_an_import_reports_what_is_expected(adapter: str, case: ImportText, as_file: bool) -> None:  # noqa: FBT001 - drawn
    """Counts, lines, rejects and members are those that were known beforehand."""
    with STORES[adapter](case.customers) as store:
        report = imported(store, case, as_file=as_file)
    assert report.counts.by_outcome() == case.counts.by_outcome()
    assert sorted(map(shown, report.rejects)) == sorted(map(shown, case.rejects))
    places = [shown(reject)[:2] for reject in report.rejects]
    assert places == sorted(places)
    lines = (report.values, report.blank_lines, report.header_lines)
    assert lines == (len(case.outcomes), case.blank_lines, case.header_lines)


def test_what_is_malformed_is_told_by_line() -> None:
    """Whether the reader finds it or somebody behind it."""
    with STORES["memory"]() as store, store.transaction() as work:
        work.groups.add(CustomerGroup(VIP, "VIP", MOMENT))
        report = import_customers(work, VIP, "7\nC1\n", format="jsonl")
    assert [reject.line for reject in report.rejects] == [1, 2]


@given(import_texts(customers=CUSTOMERS, members=[CustomerKey("ONE")]))
def test_the_caller_may_say_who_there_is(case: ImportText) -> None:
    """The directory and the members are those that were given."""
    assert case.customers == CUSTOMERS
    assert case.members == {"ONE"}


@given(import_texts(customers=[]))
def test_a_directory_may_be_empty(case: ImportText) -> None:
    """Then nobody is known, nobody a member and nobody added."""
    assert case.members == set()
    assert case.added == ()


@given(import_texts(formats=["pasted"]))
def test_pasted_text_needs_no_options(case: ImportText) -> None:
    """A screen with nothing but a box to paste into can be tested with it."""
    assert case.options == {"format": "pasted"}


def test_an_unknown_format_is_refused() -> None:
    """At once, not when a value is drawn."""
    with pytest.raises(UnknownFormatError):
        import_texts(formats=["xls"])


@given(import_texts())
def test_rejects_are_those_of_the_outcomes(case: ImportText) -> None:
    """By line, and as many as the counts say."""
    lines = [reject.line for reject in case.rejects]
    assert lines == sorted(lines)
    assert len(lines) == case.counts.rejected


@pytest.fixture(scope="module")
def texts() -> dict[str, list[ImportText]]:
    """Return texts of each format, enough to hold all that there should be."""
    return {
        format: examples(import_texts(customers=CUSTOMERS, formats=[format]), 300)
        for format in FORMATS
    }


def test_malformed_rejects_come_first_on_a_line(texts: Texts) -> None:
    """As in a report."""
    reordered = [
        case
        for case in texts["pasted"]
        if case.rejects != tuple(each for each in case.outcomes if each in case.rejects)
    ]
    assert reordered
    for case in reordered:
        shown_rejects = [shown(reject)[:2] for reject in case.rejects]
        assert shown_rejects == sorted(shown_rejects)


@pytest.mark.parametrize("format", FORMATS)
def test_every_outcome_is_expected_of_some_text(texts: Texts, format: str) -> None:
    """In each format, values are added, repeated, members already, and rejected in all ways."""
    expected = {each.outcome for case in texts[format] for each in case.outcomes}
    assert expected == set(Outcome) - {Outcome.REMOVED, Outcome.NOT_A_MEMBER}


@pytest.mark.parametrize(
    ("format", "reasons"),
    [
        ("pasted", {"bad_character", "too_long"}),
        ("delimited", {"bad_character", "too_long", "empty", "too_many_cells"}),
        ("jsonl", {"bad_character", "too_long", "not_text", "not_json", "no_column"}),
    ],
)
def test_every_reason_is_expected_of_some_text(
    texts: Texts, format: str, reasons: set[str]
) -> None:
    """What is malformed is so in every way that the format allows."""
    expected = {reason for case in texts[format] for reason in reasons_in(case)}
    assert expected <= reasons
    for reason in reasons - expected:  # it is rare
        strategy = import_texts(customers=CUSTOMERS, formats=[format])
        found(strategy, partial(has_reason, reason))


def has_reason(reason: str, case: ImportText) -> bool:
    """Return whether some value of a text is malformed for this reason."""
    return reason in reasons_in(case)


def reasons_in(case: ImportText) -> set[str]:
    """Return why values of a text are malformed."""
    return {each.reason for each in case.outcomes if each.outcome is Outcome.MALFORMED}


@pytest.mark.parametrize(
    ("format", "condition"),
    [
        ("pasted", lambda case: case.text.startswith("\ufeff") and case.outcomes),
        ("pasted", lambda case: "\r\n" in case.text and case.blank_lines),
        ("pasted", lambda case: "\r\r" in case.text),
        ("pasted", lambda case: re.search("[,;\t] ?[,;\t]", case.text)),
        ("pasted", lambda case: case.outcomes and case.text[-1].isalnum()),
        ("pasted", lambda case: any(each.line == 3 for each in case.outcomes)),
        ("delimited", lambda case: case.text.startswith("sep=")),
        ("delimited", lambda case: case.header_lines == 2),
        ("delimited", lambda case: not case.header_lines and "column" in case.options),
        ("delimited", lambda case: case.options.get("column") == "Kunde"),
        ("delimited", lambda case: case.options == {"format": "delimited"} and "x" in case.text),
        ("delimited", lambda case: 'say ""x""' in case.text),
        ("delimited", lambda case: "two\nlines" in case.text),
        ("delimited", lambda case: "dialect" in case.options and "'" in case.text),
        ("jsonl", lambda case: case.options.get("column") == "Kunde"),
        ("jsonl", lambda case: '"Customer No."' in case.text),
        ("jsonl", lambda case: "\\u" in case.text),
    ],
    ids=[
        *("mark", "blank", "only CR", "nothing between", "no last end", "third line"),
        *("sep", "two headers", "position", "named", "found", "quotes", "lines", "guard"),
        *("field", "usual field", "escapes"),
    ],
)
def test_texts_are_laid_out_in_many_ways(
    texts: Texts, format: str, condition: Callable[[ImportText], bool]
) -> None:
    """Marks, ends, headers, quotes, delimiters and options vary."""
    assert any(condition(case) for case in texts[format])


@pytest.mark.parametrize("code", ["one", "0ONE", "ONE0"])
def test_nearly_known_codes_are_not_known(texts: Texts, code: str) -> None:
    """Another case, and a zero more, make another code."""
    outcomes = [each for case in texts["pasted"] for each in case.outcomes if each.value == code]
    assert outcomes
    assert {each.outcome for each in outcomes} <= {Outcome.UNKNOWN, Outcome.DUPLICATE}
