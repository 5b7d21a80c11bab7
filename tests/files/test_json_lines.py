"""JSON Lines: a value or an object on each line."""

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import ColumnNotFoundError, LimitExceededError
from customer_groups.files.json_lines import JsonLinesReader
from customer_groups.files.limits import Limits
from customer_groups.files.reading import Layout
from lists import EXACT, Listed, values_in

DEEP = "[" * 200_000
LONG_NUMBER = "1" * 10_000


def read(text: str, layout: Layout = EXACT) -> Listed:
    """Return what JSON Lines hold."""
    return values_in(JsonLinesReader(), text, layout)


def test_a_line_is_a_text_or_an_object() -> None:
    """Blank lines are counted, and line numbers are those of the file."""
    values, findings = read('"C1"\n\n{"name": "Anna", "Customer No": "C2"}\r\n"C3"')
    assert values == [(1, "C1"), (3, "C2"), (4, "C3")]
    assert (findings.blank_lines, findings.header_lines) == (1, 0)
    assert findings.column == "Customer No"


def test_numbers_are_not_turned_into_codes() -> None:
    """Which zeros a number lost is not known."""
    values, _ = read('123\n{"code": 1.5}\nnull\n["C1"]\n{"code": true}')
    assert values == [(1, 123), (2, 1.5), (3, None), (4, ["C1"]), (5, True)]


def test_the_column_can_be_named_or_be_the_only_one() -> None:
    """Names are matched as those of a header are."""
    text = '{"code": "x", "Kunden-Nr": "C1"}'
    assert read(text, Layout(column="kunden nr")).values == [(1, "C1")]
    assert read('{"Kunde": "C1"}').values == [(1, "C1")]
    assert read('{"key": "k1", "code": "C1"}', Layout(by_key=True)).values == [(1, "k1")]


@pytest.mark.parametrize(
    ("column", "fields"), [("nr", ("code", "name")), (2, ("code", "name")), (None, ("a", "b"))]
)
def test_a_column_that_is_not_there_is_an_error(
    column: str | int | None, fields: tuple[str, ...]
) -> None:
    """The fields that are there are listed; they have no positions."""
    text = json.dumps(dict.fromkeys(fields, "C1"))
    with pytest.raises(ColumnNotFoundError) as caught:
        read(text, Layout(column=column))
    assert attrs.astuple(caught.value) == (column, fields)


def test_a_later_object_without_the_column_is_an_outcome() -> None:
    """The others are still read."""
    listed = read('{"code": "C1"}\n{"name": "Bert"}\n{"code": "C3"}')
    assert listed.values == [(1, "C1"), (3, "C3")]
    assert listed.findings.unreadable == 1
    assert listed.unreadable == [(2, {"name": "Bert"}, "no_column", "has no field 'code'")]


@pytest.mark.parametrize("broken", ['"C2', "C2", "{'code': 'C2'}", DEEP, LONG_NUMBER])
def test_a_line_that_is_not_json_is_an_outcome(broken: str) -> None:
    """Each line stands alone, so the others are still read."""
    listed = read(f'"C1"\n{broken}\n"C3"')
    assert listed.values == [(1, "C1"), (3, "C3")]
    assert listed.findings.unreadable == 1
    assert listed.unreadable == [(2, broken, "not_json", "is not JSON")]


@pytest.mark.parametrize("deep", ["[" * 101 + "]" * 101, '{"a":' * 101 + "1" + "}" * 101])
def test_json_that_is_nested_deeply_is_an_outcome(deep: str) -> None:
    """Who takes it apart later may not get to its ground."""
    listed = read(f'"C1"\n{deep}\n"C3"')
    assert listed.values == [(1, "C1"), (3, "C3")]
    assert listed.unreadable == [(2, deep, "not_json", "is JSON nested too deeply")]


def test_json_may_be_nested_and_wide() -> None:
    """Neither of them is deep."""
    nested, wide = f"{'[' * 100}{']' * 100}", json.dumps([[]] * 1_000)
    assert [line for line, _ in read(f"{nested}\n{wide}").values] == [1, 2]


@pytest.mark.parametrize(
    "line", ['{"code": "C1", "code": "C2"}', '{"code": "C1", "name": {"a": 1, "a": 1}}']
)
def test_a_line_with_a_field_twice_is_an_outcome(line: str) -> None:
    """Which of them counts depends on who reads it."""
    listed = read(f'{line}\n{{"code": "C3"}}')
    assert listed.values == [(2, "C3")]
    message = "has two fields of the same name"
    assert listed.unreadable == [(1, line, "repeated_field", message)]


def test_a_line_has_a_limit() -> None:
    """A file without line ends is not read into memory."""
    layout = Layout(limits=Limits(record_characters=5))
    with pytest.raises(LimitExceededError):
        read('"C1234567x', layout)


@pytest.mark.parametrize("line", ['"{}"', '{{"code": "C1", "name": "{}"}}'])
def test_a_text_has_a_limit(line: str) -> None:
    """It counts the characters of the text, not of the JSON that it is written in."""
    layout = Layout(column="code", limits=Limits(field_characters=3))
    assert len(read(line.format("\\u0041" * 3), layout).values) == 1
    with pytest.raises(LimitExceededError) as caught:
        read(line.format("AAAA"), layout)
    assert attrs.astuple(caught.value) == ("field_characters", 3)


@given(st.lists(st.text()))
def test_every_text_comes_back(texts: list[str]) -> None:
    """Escapes, line ends and halves of surrogate pairs included."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    assert read(lines).values == list(enumerate(texts, 1))
