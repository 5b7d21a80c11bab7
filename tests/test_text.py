"""What two names being "the same" means, and how text is searched."""

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups.errors import InvalidNameError, InvalidValueError
from customer_groups.text import (
    MatchMode,
    TextMatch,
    contains,
    display_name,
    equals,
    fold,
    name_key,
    plain_text,
    starts_with,
    trim,
)

SAME = [
    # letter case
    ("Key accounts", "KEY ACCOUNTS"),
    ("Straße", "STRASSE"),
    ("Straße", "STRAẞE"),
    ("ΟΔΟΣ", "οδος"),
    ("ſilver", "Silver"),
    ("ǅ", "dž"),
    # amount and kind of white space
    ("Key accounts", "  Key \t accounts\n"),
    ("Key accounts", "Key\u00a0accounts"),
    ("Key accounts", "Key\u3000accounts"),
    # composed and decomposed
    ("Café", "Cafe\u0301"),
    ("Müller", "Mu\u0308ller"),
    ("Ệ", "E\u0302\u0323"),
    ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    # compatibility forms: width, ligatures, circles, units
    ("VIP 1", "\uff36\uff29\uff30\u3000\uff11"),
    ("ガス", "\uff76\uff9e\uff7d"),
    ("ﬁne ﬂoors", "fine floors"),
    ("Ring ①", "Ring 1"),
    ("100 ㎏", "100 kg"),
    ("and so on…", "and so on..."),
    ("x²", "x2"),
    ("№ 5", "No 5"),
    ("\u212bngström", "ångström"),
    ("\u212aelvin", "kelvin"),
    ("株式会社 ㍿", "株式会社 株式会社"),
    # what nobody sees
    ("Großkunden", "Groß\u00adkunden"),
    ("VIP", "V\u200bI\u200dP"),
    ("VIP", "\ufeffVIP\u2060"),
    ("VIP", "\u200eVIP\u200f"),
    ("★", "★\ufe0f"),
]

DIFFERENT = [
    # accents and marks
    ("resume", "résumé"),
    ("Müller", "Muller"),
    ("Müller", "Mueller"),
    ("Øre", "Ore"),
    ("Łódź", "Lodz"),
    ("は", "ば"),
    # letters that only look or sound alike
    ("Anna", "\u0410nna"),
    ("Ω", "W"),
    ("ハ", "は"),
    ("I", "ı"),
    ("i", "İ"),
    ("0", "O"),
    # digits are text
    ("00123", "123"),
    ("1E5", "100000"),
    ("1.0", "1"),
    ("½", "1/2"),
    # punctuation, wildcards and spaces inside
    ("'t Hooft", "t Hooft"),
    ("Wien", "Wien."),
    ("A-B", "A B"),
    ("A B", "AB"),
    ("%", "_"),
    ("a%", "ab"),
    ("a\\", "a"),
    # characters beyond the first plane, equal under the default collation of one database
    ("😀", "😁"),
    ("𝄞", "😀"),
]

BIDI_EMBEDDINGS = [chr(point) for point in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


def assigned_characters() -> list[str]:
    """Return every character that Unicode has assigned, surrogates left out."""
    return [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) not in {"Cn", "Cs"}
    ]


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ascii_names = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_are_the_same(one: str, other: str) -> None:
    """These pairs are one name; a group may have only one of them."""
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_that_differ(one: str, other: str) -> None:
    """These pairs are two names; two groups may have them."""
    assert name_key(one) != name_key(other)


def test_the_key_of_every_character_is_its_own_key() -> None:
    """Folding is idempotent for each character that Unicode has assigned."""
    changed = [
        hex(ord(character))
        for character in assigned_characters()
        if fold(folded := fold(character)) != folded
    ]

    assert changed == []


@given(st.text(st.characters(exclude_categories=["Cn", "Cs"]), min_size=3, max_size=3))
def test_the_key_of_every_triple_is_its_own_key(text: str) -> None:
    """Folding is idempotent where characters meet, too."""
    assert fold(fold(text)) == fold(text)


@given(any_text)
def test_the_key_does_not_depend_on_the_form_of_the_text(text: str) -> None:
    """Composed, decomposed and folded forms of a text have one key."""
    assert fold(unicodedata.normalize("NFC", text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(unicodedata.normalize("NFKC", text)) == fold(text)
    assert fold(unicodedata.normalize("NFKD", text)) == fold(text)


@given(st.text(st.characters(max_codepoint=0x7F), max_size=30))
def test_ascii_takes_a_short_cut_to_the_same_key(text: str) -> None:
    """Text with a letter beyond ASCII behind it is folded the long way, with the same result."""
    assert fold(text + "ø") == fold(text + "o").removesuffix("o") + "ø"


def test_keys_sort_by_code_point() -> None:
    """The order is that of the code points: no language's, and the same on every database."""
    names = ["ä", "z", "Z1", "a", "10", "9", "\U0001f600", "\ue000", "%", "Б"]

    keys = sorted(map(name_key, names))

    assert keys == ["%", "10", "9", "a", "z", "z1", "ä", "б", "\ue000", "\U0001f600"]
    assert keys == sorted(keys, key=lambda key: key.encode())


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\ufe0f\u00ad", "\u3164"])
def test_a_key_is_never_empty(name: str) -> None:
    """A name that nobody can see has no key."""
    with pytest.raises(InvalidNameError, match="no visible character"):
        name_key(name)


def test_a_key_has_at_most_191_characters() -> None:
    """A name whose key would not fit into a unique index on every database is refused."""
    eighteen = "\ufdfa"  # one character that stands for a sentence of 18

    assert len(name_key(eighteen * 10)) == 180
    with pytest.raises(InvalidNameError, match="191"):
        name_key(eighteen * 11)
    with pytest.raises(InvalidNameError, match="191"):
        display_name(eighteen * 11)


@pytest.mark.parametrize("function", [display_name, name_key, fold, contains])
def test_length_is_checked_before_anything_is_normalised(
    function: Callable[[str], object],
) -> None:
    """A bomb of combining marks is refused at once: normalising this would take hours."""
    with pytest.raises(InvalidValueError, match="is longer than"):
        function("a" + "\u0301\u0316" * 1_000_000)


def test_the_raw_length_ends_at_400() -> None:
    """400 characters are looked at, 401 are not, whatever they would shrink to."""
    assert display_name(" " * 397 + "VIP") == "VIP"
    assert fold("\u00ad" * 400) == ""
    with pytest.raises(InvalidNameError):
        display_name(" " * 398 + "VIP")
    with pytest.raises(InvalidValueError):
        fold("\u00ad" * 401)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("VIP", "VIP"),
        ("  Key \t accounts\n", "Key accounts"),
        ("Key\u2028accounts", "Key accounts"),
        ("Cafe\u0301", "Café"),
        ("\uff36\uff29\uff30", "\uff36\uff29\uff30"),
        ("ﬁne", "ﬁne"),
        ('\'t Hooft & Söhne, "Wien"', '\'t Hooft & Söhne, "Wien"'),
        ("=SUM(A1)", "=SUM(A1)"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("שלום\u200e 1", "שלום\u200e 1"),
        ("x" * 100, "x" * 100),
        ("e\u0301" * 100, "é" * 100),
    ],
)
def test_a_name_is_shown_as_it_was_typed(typed: str, shown: str) -> None:
    """Only the form of the characters and the white space are tidied up."""
    assert display_name(typed) == shown


@pytest.mark.parametrize(
    "name",
    [
        "",
        " \t\n",
        "\u200b",
        "x" * 101,
        "a\0b",
        "a\x1bb",
        "a\x1fb",
        "a\x7fb",
        "a\ud800b",
        "a\u0378b",
        "a\uffffb",
        *(f"a{character}b" for character in BIDI_EMBEDDINGS),
    ],
)
def test_names_that_are_refused(name: str) -> None:
    """Nothing visible, too long, or characters that have no place in a name."""
    with pytest.raises(InvalidNameError) as caught:
        display_name(name)

    assert caught.value.field == "name"
    assert caught.value.value == name


@pytest.mark.parametrize("name", [None, 5, b"VIP", ["VIP"]])
def test_only_text_is_a_name(name: object) -> None:
    """Numbers, bytes and lists are refused, not converted."""
    with pytest.raises(InvalidNameError, match="is not text"):
        display_name(name)  # type: ignore[arg-type]


@given(any_text)
def test_what_is_shown_is_the_same_name(name: str) -> None:
    """The shown form of a name is its own shown form, and has the key of the name."""
    try:
        shown = display_name(name)
    except InvalidNameError:
        return
    assert display_name(shown) == shown
    assert name_key(shown) == name_key(name)
    assert 1 <= len(shown) <= 100
    assert 1 <= len(name_key(shown)) <= 191


def test_white_space_is_what_unicode_calls_so() -> None:
    """Everything with the property White_Space is trimmed; separators of records are not."""
    trimmed = {
        character for character in map(chr, range(sys.maxunicode + 1)) if not trim(character)
    }

    python_only = set("\x1c\x1d\x1e\x1f")
    assert trimmed == {chr(p) for p in range(sys.maxunicode + 1) if chr(p).isspace()} - python_only


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        (" a  b ", "a  b"),
        ("00123", "00123"),
        ("\u3000Ａ\u3000", "Ａ"),
        ("a\u200bb", "a\u200bb"),
        ("e\u0301", "e\u0301"),
        ("\u0378", "\u0378"),
    ],
)
def test_plain_text_is_only_trimmed(given_text: str, kept: str) -> None:
    """Codes, actors and attributes stay as they are, but for the white space around them."""
    assert plain_text("actor", given_text, 10) == kept


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (None, "is not text"),
        (7, "is not text"),
        (b"a", "is not text"),
        ("", "is empty"),
        (" \u3000", "is empty"),
        ("x" * 11, "is longer than 10 characters"),
        ("a\0b", r"holds U\+0000"),
        ("a\nb", r"holds U\+000A"),
        ("a\x7fb", r"holds U\+007F"),
        ("a\x85b", r"holds U\+0085"),
        ("\ud800", r"holds U\+D800"),
        ("\udfff", r"holds U\+DFFF"),
        ("\ufdd0", r"holds U\+FDD0"),
        ("\uffff", r"holds U\+FFFF"),
        ("\U0001fffe", r"holds U\+1FFFE"),
        ("\U0010ffff", r"holds U\+10FFFF"),
    ],
)
def test_text_that_is_not_plain(refused: object, reason: str) -> None:
    """What cannot be stored everywhere, or not be shown on one line, is refused."""
    with pytest.raises(InvalidValueError, match=f"actor .*{reason}"):
        plain_text("actor", refused, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("match", "name", "accepted"),
    [
        (contains("acc"), "Key accounts", True),
        (contains("ACC"), "Key accounts", True),
        (contains("key\u00a0 acc"), "Key accounts", True),
        (contains("cafe\u0301"), "Grand Café", True),
        (contains("cafe"), "Grand Café", False),
        (contains(""), "Key accounts", True),
        (contains("\u200b"), "Key accounts", True),
        (starts_with("KEY"), "Key accounts", True),
        (starts_with("acc"), "Key accounts", False),
        (starts_with(""), "Key accounts", True),
        (equals("KEY  ACCOUNTS"), "Key accounts", True),
        (equals("Key account"), "Key accounts", False),
        (equals(""), "Key accounts", False),
        (contains("ss"), "Straße", True),
        (contains("ß"), "STRASSE", True),
    ],
)
def test_where_text_must_stand(match: TextMatch, name: str, *, accepted: bool) -> None:
    """The three modes, with everything folded that does not count."""
    assert match.accepts(name_key(name)) is accepted


@pytest.mark.parametrize(
    "wildcard", ["%", "_", "\\", "*", "?", ".", ".*", "[a-z]", "^", "$", "'", '"', "' or 1=1 --"]
)
def test_search_text_is_taken_literally(wildcard: str) -> None:
    """A character that is special elsewhere finds itself and nothing else."""
    for match in (contains(wildcard), starts_with(wildcard), equals(wildcard)):
        assert match.accepts(name_key(wildcard))
        assert not match.accepts("key accounts")


@given(name=ascii_names, data=st.data())
def test_every_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    """A slice is contained, a prefix starts it, the whole equals it."""
    start = data.draw(st.integers(0, len(name)))
    stop = data.draw(st.integers(start, len(name)))
    key = fold(name)

    assert contains(name[start:stop]).accepts(key)
    assert starts_with(name[:stop]).accepts(key)
    assert equals(name).accepts(key)
    assert equals(name[:stop]).accepts(key) is (stop == len(name))


@pytest.mark.parametrize("text", ["a\0", "\x1b[31m", "\ud800", "\ufdd0", "x" * 401, None, 5, b"a"])
def test_search_text_that_no_name_can_have(text: object) -> None:
    """A search for what cannot be stored is an error, not an empty result."""
    with pytest.raises(InvalidValueError, match="text"):
        contains(text)  # type: ignore[arg-type]


def test_search_text_may_be_untidy() -> None:
    """White space of every kind, unassigned characters and 400 characters may be searched for."""
    assert contains(" Key\n\taccounts ").key == "key accounts"
    assert contains("\u0378").key == "\u0378"
    assert starts_with("x" * 400).key == "x" * 400


def test_the_mode_can_be_named_in_words() -> None:
    """A mode that comes out of a form or a URL is recognised; without one it is "contains"."""
    assert TextMatch("a") == contains("a")
    assert TextMatch("a", "starts_with") == starts_with("a")
    assert TextMatch("a", MatchMode.EQUALS) == equals("a")
