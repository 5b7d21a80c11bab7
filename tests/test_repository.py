"""What may name a tenant or a series of numbers."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidValueError
from customer_groups.repository import parse_series, parse_tenant

PARSERS = [parse_tenant, parse_series]


@pytest.mark.parametrize("parse", PARSERS)
@given(name=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64))
def test_printable_ascii_is_a_name(parse: Callable[[str], str], name: str) -> None:
    """1 to 64 visible characters are kept as they are."""
    assert parse(name) == name


def test_spaces_inside_are_kept() -> None:
    """White space is refused only around a name."""
    assert parse_tenant("north  west") == "north  west"


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "a\n", "a\tb", "a\x7f", "ü", "Ａ", "a\u200b", "x" * 65, 1, None]
)
def test_anything_else_is_refused(parse: Callable[[object], str], name: object) -> None:
    """Empty, long, padded, invisible or other than ASCII is an error that names the field."""
    with pytest.raises(InvalidValueError) as caught:
        parse(name)
    assert caught.value.field == parse.__name__.removeprefix("parse_")
    assert caught.value.value == name
