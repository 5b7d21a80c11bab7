"""Shared strings: packed, counted, and read without a parser where they are plain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import LimitExceededError, UnreadableWorkbookError
from customer_groups.files.limits import DEFAULT_LIMITS, Limits
from customer_groups.files.xlsx.strings import SharedStrings
from files.xlsx.workbooks import NO_STRINGS, SPREADSHEET, strings

START = f'<sst xmlns="{SPREADSHEET}">'
TEXTS = ["<t>C1</t>", '<t xml:space="preserve"> ä </t>', "<t></t>", "<t>_x0041_</t>", "<t>&lt;</t>"]


def read(*pieces: str, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    """Return the texts of a part that comes in pieces."""
    shared = SharedStrings(limits)
    shared.read([piece.encode() for piece in pieces])
    return [shared[index] for index in range(len(shared))]


@given(st.lists(st.sampled_from(TEXTS)), st.sampled_from(["", "\n"]))
def test_both_ways_read_the_same(texts: list[str], between: str) -> None:
    """What is read without a parser is what the parser would have read."""
    inside = between.join(f"<si>{text}</si>" for text in texts)
    assert read(START, f"{inside}</sst>") == read(f"{START}{inside}</sst>")


def test_plain_texts_need_no_parser() -> None:
    """So they are not counted as elements."""
    inside = "<si><t>C1</t></si>" * 10
    limits = Limits(cells=10)
    assert read(START, inside, "</sst>", limits=limits) == ["C1"] * 10
    with pytest.raises(LimitExceededError, match="cells"):
        read(START + inside + "<x/></sst>", limits=limits)


def test_there_may_be_none() -> None:
    """A workbook of numbers needs none."""
    assert read(NO_STRINGS) == []
    assert read(strings("")) == [""]


def test_texts_are_counted() -> None:
    """No sheet has more of them than cells."""
    with pytest.raises(LimitExceededError, match="cells"):
        read(START, "<si><t>C1</t></si>" * 3, "</sst>", limits=Limits(cells=2))


def test_texts_have_a_bound_in_memory() -> None:
    """A quarter of what may be inflated, their places included."""
    limits = Limits(inflated_bytes=4_000)
    plain = "<si><t>0123456789</t></si>"
    assert len(read(START, plain * 50, "</sst>", limits=limits)) == 50
    with pytest.raises(LimitExceededError, match="inflated_bytes"):
        read(START, plain * 60, "</sst>", limits=limits)


def test_other_encodings_are_refused() -> None:
    """Texts in ASCII amid UTF-16 would be texts only for who reads without a parser."""
    start = f'\ufeff<?xml version="1.0" encoding="UTF-16"?>{START}'.encode("utf-16-le")
    pieces = [start, b"<si><t>C1</t></si>", "</sst>".encode("utf-16-le")]
    with pytest.raises(UnreadableWorkbookError, match="UTF-8"):
        SharedStrings(DEFAULT_LIMITS).read(pieces)


@pytest.mark.parametrize("inside", ["<x/>", "<si><x/></si>", "<si><r><x/></r></si>"])
def test_what_programs_read_differently_is_refused(inside: str) -> None:
    """Some heed what others pass over."""
    with pytest.raises(UnreadableWorkbookError, match="element 'x'"):
        read(f"{START}{inside}</sst>")


@pytest.mark.parametrize(
    "text",
    [
        "<t>a</t><t>b</t>",
        "<t>a</t><r><t>b</t></r>",
        "<r><t>a</t></r><t>b</t>",
        "<r><t>a</t><t>b</t></r>",
    ],
)
def test_a_text_is_whole_or_in_runs(text: str) -> None:
    """Of other texts, some programs read less."""
    with pytest.raises(UnreadableWorkbookError, match="one of its texts"):
        read(strings(text))


def test_hints_are_left_out() -> None:
    """How it looks and how it is pronounced is no part of a text."""
    hints = "<rPh><t>x</t></rPh><phoneticPr/>"
    assert read(strings(f"<r><rPr><b/></rPr><t>C1</t></r>{hints}")) == ["C1"]
