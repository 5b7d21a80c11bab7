"""Pages and cursors: a cursor leads back to its place, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidCursorError, InvalidValueError
from customer_groups.paging import (
    MAX_PAGE,
    Page,
    checked_limit,
    decode_cursor,
    encode_cursor,
    walk,
)

CONTEXT = ("tenant", "groups", "name")
POSITION = ("key accounts", "CG-000017")

contexts = st.lists(st.text(st.characters()), max_size=4)
positions = st.lists(
    st.text(st.characters(exclude_characters="\0"), max_size=100), min_size=1, max_size=2
)


CURSOR = encode_cursor(CONTEXT, POSITION)
NO_CURSORS: dict[str, object] = {
    "nothing": "",
    "padding": "=",
    "one character": "A",
    "four characters": "AAAA",
    "white space": " ",
    "words": "not a cursor",
    "percent": "%00",
    "NUL": "\0",
    "surrogate": "\ud800",
    "letters beyond ASCII": "ä" * 40,
    "one character more": CURSOR + "A",
    "one padding more": CURSOR + "=",
    "newline after": CURSOR + "\n",
    "newline before": "\n" + CURSOR,
    "space before": " " + CURSOR,
    "lower case": CURSOR.lower(),
    "twice": CURSOR * 2,
    "as long as can be": "A" * 1_024,
    "too long": "A" * 1_025,
    "huge": "A" * 10_000_000,
    "bytes": CURSOR.encode(),
    "bytearray": bytearray(CURSOR, "ascii"),
    "zero": 0,
    "float": 1.5,
    "bool": True,
    "object": object(),
    "empty list": [],
    "list": [CURSOR],
    "tuple": (CURSOR,),
    "mapping": {},
}


@pytest.mark.parametrize("limit", [1, 50, MAX_PAGE])
def test_limits_within_bounds(limit: int) -> None:
    """A page has 1 to 1,000 values."""
    assert checked_limit(limit) == limit


@pytest.mark.parametrize("limit", [0, -1, 1_001, 10**30, True, 10.0, "10", None])
def test_other_limits_are_refused(limit: object) -> None:
    """What is not a whole number from 1 to 1,000 is refused, bool and text included."""
    with pytest.raises(InvalidValueError, match="1 to 1,000"):
        checked_limit(limit)  # type: ignore[arg-type]


def test_a_page_is_the_last_unless_it_says_more() -> None:
    """Neither the next page nor the total has to be known."""
    page = Page(("a", "b"))

    assert page.next is None
    assert page.total is None
    assert hash(page) == hash(Page(("a", "b")))


@given(context=contexts, position=positions)
def test_a_cursor_leads_back_to_its_place(context: list[str], position: list[str]) -> None:
    """In its own context a cursor gives the position that it was made for."""
    assert decode_cursor(context, encode_cursor(context, position)) == tuple(position)


def test_a_cursor_needs_no_quoting_in_a_url() -> None:
    """A cursor is made of letters, digits, hyphen, underscore and equals signs."""
    cursor = encode_cursor(CONTEXT, ("\U0010ffff" * 50, "~"))

    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").replace("=", "").isalnum()


def test_the_longest_place_fits() -> None:
    """The longest key of a name with the longest code of a group gives at most 1,024 characters."""
    position = ("\U0010ffff" * 191, "Z" * 32)

    cursor = encode_cursor(CONTEXT, position)

    assert len(cursor) <= 1_024
    assert decode_cursor(CONTEXT, cursor) == position


@given(made=contexts, used=contexts, position=positions)
def test_another_context_is_refused(made: list[str], used: list[str], position: list[str]) -> None:
    """A cursor of another tenant, query or order leads nowhere."""
    cursor = encode_cursor(made, position)

    if made != used:
        with pytest.raises(InvalidCursorError, match="first page"):
            decode_cursor(used, cursor)


@pytest.mark.parametrize(
    "context",
    [
        (),
        ("tenant", "groups"),
        ("tenant", "groups", "name", ""),
        ("tenant", "groups", "-name"),
        ("tenan", "tgroups", "name"),
        ("tenantgroupsname",),
        ("groups", "tenant", "name"),
    ],
)
def test_parts_of_a_context_do_not_run_together(context: tuple[str, ...]) -> None:
    """Where one part of a context ends and the next begins makes a difference."""
    with pytest.raises(InvalidCursorError):
        decode_cursor(context, encode_cursor(CONTEXT, POSITION))


@given(position=positions, data=st.data())
def test_a_cut_cursor_is_refused(position: list[str], data: st.DataObject) -> None:
    """A cursor that lost its end is refused."""
    cursor = encode_cursor(CONTEXT, position)
    length = data.draw(st.integers(0, len(cursor) - 1))

    with pytest.raises(InvalidCursorError):
        decode_cursor(CONTEXT, cursor[:length])


@given(position=positions, data=st.data())
def test_a_flipped_bit_never_leads_elsewhere(position: list[str], data: st.DataObject) -> None:
    """A damaged cursor is refused, unless the damage is in the bits that mean nothing."""
    cursor = bytearray(encode_cursor(CONTEXT, position), "ascii")
    cursor[data.draw(st.integers(0, len(cursor) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        place = decode_cursor(CONTEXT, cursor.decode("latin-1"))
    except InvalidCursorError:
        return
    assert place == tuple(position)


@pytest.mark.parametrize("cursor", NO_CURSORS.values(), ids=NO_CURSORS.keys())
def test_what_is_no_cursor_is_refused(cursor: object) -> None:
    """Anything else than a cursor raises `InvalidCursorError`, whatever its type."""
    with pytest.raises(InvalidCursorError):
        decode_cursor(CONTEXT, cursor)


@given(st.text(st.characters()))
def test_no_text_breaks_the_decoder(text: str) -> None:
    """Any text a browser may send back is refused cleanly."""
    with pytest.raises(InvalidCursorError):
        decode_cursor(CONTEXT, text)


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=1, max_size=5))
def test_a_walk_leads_through_all_pages(pages: list[list[int]]) -> None:
    """From the first, which has no cursor, to the one that leads nowhere; empty ones included."""

    def fetch(after: str | None) -> Page[int]:
        place = int(after or 0)
        more = str(place + 1) if place + 1 < len(pages) else None
        return Page(tuple(pages[place]), more)

    assert list(walk(fetch)) == [item for page in pages for item in page]
