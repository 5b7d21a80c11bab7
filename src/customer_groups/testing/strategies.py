"""Hypothesis strategies for the values of this library.

All values are valid. Among them are those that a careless storage confuses: names that
count as the same and names that almost do, codes that look like numbers, customers whose
key is the code of somebody else.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.codes import GroupCode, parse_group_code
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerKey,
    parse_customer_code,
    parse_customer_key,
)
from customer_groups.errors import InvalidNameError
from customer_groups.model import Attributes, CustomerGroup, GroupStatus, Membership
from customer_groups.query import GroupOrder, GroupQuery
from customer_groups.text import MatchMode, TextMatch, display_name, name_key

__all__ = [
    "actors",
    "attributes",
    "customer_codes",
    "customer_keys",
    "customers",
    "group_codes",
    "groups",
    "memberships",
    "name_variants",
    "names",
    "near_misses",
    "queries",
    "times",
]

_CAPITALS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LETTERS = "abcABCxyzXYZ0123456789"
# None of these becomes more than two characters when it is folded.
_TRICKY_LETTERS = "aeosuAEOSUéÉöÖßẞſıİσςΣﬁÅ\u212bкКａＡ１漢字אب😀"
_PUNCTUATION = " %_*?\\'\"`;,.:-–+/&|()[]{}<>=@#!~^$€"
_COMBINING = "\u0301\u0308\u0323"
_TRICKY_CHARACTERS = _TRICKY_LETTERS + _PUNCTUATION + _COMBINING + "\u00a0\u200d\u00ad\ufe0f"
_BIDI_EMBEDDINGS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LOOK_LIKE_VALUES = (
    *("0", "00", "1E5", "1e5", "1E05", "0x1F", "+1", "-1", "1.0", "1,5", "1_000", "１２", "٣"),
    *("NaN", "inf", "NULL", "None", "true", "TRUE", "2026-01-02", "=1+1", "%", "_", "''"),
)

_FULL_WIDTH = str.maketrans({chr(point): chr(point + 0xFEE0) for point in range(0x21, 0x7F)})


def names(*, max_size: int = 100) -> SearchStrategy[str]:
    """Generate names of groups, in the form in which they are stored.

    Args:
        max_size: How many characters a name has at most, 1 to 100.
    """
    plain = _led(_LETTERS, st.sampled_from(_LETTERS + " "), max_size)
    tricky = _led(_TRICKY_LETTERS, st.sampled_from(_TRICKY_CHARACTERS), min(max_size, 95))
    # One character may become eighteen when it is folded.
    any_text = _led(_LETTERS, _assigned_characters(), min(max_size, 10))
    longest = plain.map(lambda name: (name * max_size)[:max_size])
    return st.one_of(plain, tricky, any_text, longest).map(display_name)


def _led(first: str, rest: SearchStrategy[str], max_size: int) -> SearchStrategy[str]:
    """Generate texts that begin with a certain kind of character."""
    return st.builds(str.__add__, st.sampled_from(first), st.text(rest, max_size=max_size - 1))


def _assigned_characters() -> SearchStrategy[str]:
    return st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters=_BIDI_EMBEDDINGS)


_SAME_NAME: Sequence[Callable[[str], str]] = (
    str.upper,
    str.lower,
    str.swapcase,
    str.casefold,
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: unicodedata.normalize("NFKC", name),
    lambda name: name.translate(_FULL_WIDTH),
    lambda name: name.replace("ss", "ß"),
    lambda name: name.replace("ß", "ss"),
    lambda name: name.replace("fi", "ﬁ"),
    lambda name: name.replace(" ", "  "),
    lambda name: name.replace(" ", "\u00a0"),
    lambda name: f"\u3000{name}\t",
    lambda name: f"{name[0]}\u200b{name[1:]}",
    lambda name: f"{name}\u00ad",
)


def name_variants(name: str) -> SearchStrategy[str]:
    """Generate names that count as the same as ``name``, as somebody might type them.

    They differ in case, Unicode normal form, width, ligatures, white space or invisible
    characters, or not at all.

    Args:
        name: The name of a group.
    """
    key = name_key(name)
    changed = (change(name) for change in _SAME_NAME)
    return st.sampled_from([name, *_valid_names(changed, lambda other: name_key(other) == key)])


_OTHER_NAME: Sequence[Callable[[str], str]] = (
    lambda name: name[:-1],
    lambda name: name[1:],
    lambda name: f"{name}2",
    lambda name: f"{name}{name[-1]}",
    lambda name: f"{name[:-1]}_",
    lambda name: f"{name[:-1]}%",
    lambda name: f"{name}\u0301",
    lambda name: name.replace(" ", ""),
    lambda name: name.replace(" ", "-"),
    lambda name: name.replace("e", "é"),
    lambda name: name.replace("o", "ö"),
    lambda name: name.replace("i", "ı"),
    lambda name: name.replace("0", "O"),
    lambda name: unicodedata.normalize("NFD", name).translate(dict.fromkeys(map(ord, _COMBINING))),
)


def near_misses(name: str) -> SearchStrategy[str]:
    """Generate names that almost count as the same as ``name``, but do not.

    Args:
        name: The name of a group.
    """
    key = name_key(name)
    changed = (change(name) for change in _OTHER_NAME)
    return st.sampled_from(_valid_names(changed, lambda other: name_key(other) != key))


def _valid_names(candidates: Iterable[str], wanted: Callable[[str], bool]) -> list[str]:
    return [name for name in candidates if _is_name(name) and wanted(name)]


def _is_name(text: str) -> bool:
    try:
        display_name(text)
    except InvalidNameError:
        return False
    return True


def group_codes() -> SearchStrategy[GroupCode]:
    """Generate codes of groups."""
    counted = st.integers(1, 999_999).map("CG-{:06}".format)
    free = _led(_CAPITALS_AND_DIGITS, st.sampled_from(_CAPITALS_AND_DIGITS + "._/-"), 32)
    return st.one_of(counted, free).map(parse_group_code)


def customer_codes() -> SearchStrategy[CustomerCode]:
    """Generate codes of customers: any text that one may have, numbers and their likes."""
    return _customer_texts().map(parse_customer_code)


def customer_keys() -> SearchStrategy[CustomerKey]:
    """Generate keys of customers: any text that one may have, numbers and their likes."""
    return _customer_texts().map(parse_customer_key)


def _customer_texts() -> SearchStrategy[str]:
    visible = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Z"))
    words = st.lists(st.text(visible, min_size=1, max_size=46), min_size=1, max_size=3)
    longest = st.text(visible, min_size=1, max_size=4).map(lambda text: (text * 140)[:140])
    return st.one_of(
        st.integers(1, 999).map("C{:05}".format),
        st.text("0123456789", min_size=1, max_size=6),
        st.text("cC10", min_size=1, max_size=3),
        st.sampled_from(_LOOK_LIKE_VALUES),
        words.map(" ".join),
        longest,
    )


@st.composite
def customers(
    draw: st.DrawFn,
    *,
    codes: SearchStrategy[CustomerCode] | None = None,
    min_size: int = 0,
    max_size: int = 12,
) -> list[Customer]:
    """Generate the customers of a host, no two of them with the same key.

    Some have the same code, no code, or a key that is the code of another; some are not
    active.

    Args:
        draw: Supplied by Hypothesis.
        codes: The codes and some of the keys; any, where it is None.
        min_size: How many customers there are at least.
        max_size: How many customers there are at most.
    """
    texts = customer_codes() if codes is None else codes
    pool = draw(st.lists(texts, min_size=1, max_size=max(max_size, 1), unique=True))
    shared = st.sampled_from(pool)
    numbered = st.integers(1, 999).map("K{}".format)
    customer = st.builds(
        Customer,
        st.none() | shared,
        name=st.text(_assigned_characters(), max_size=8),
        type=st.sampled_from([None, "Owner", "Agent"]),
        active=st.booleans(),
        key=shared | numbered | customer_keys(),
    )
    plain = st.builds(Customer, shared)
    return draw(st.lists(plain | customer, min_size=min_size, max_size=max_size, unique_by=_key_of))


def _key_of(customer: Customer) -> CustomerKey:
    return customer.key


def attributes(*, max_size: int = 4) -> SearchStrategy[Attributes]:
    """Generate attributes of groups.

    Args:
        max_size: How many entries there are at most, 0 to 50.
    """
    keys = _plain_texts(64)
    values = st.just("") | _plain_texts(1_000)
    return st.dictionaries(keys, values, max_size=max_size).map(Attributes)


def _plain_texts(max_size: int) -> SearchStrategy[str]:
    texts = _led(_LETTERS, _assigned_characters(), min(max_size, 20)).map(str.strip)
    return texts | texts.map(lambda text: (text * max_size)[:max_size].strip())


def times(
    *,
    min_value: datetime = datetime(1970, 1, 1, tzinfo=UTC),
    max_value: datetime = datetime(2199, 12, 31, tzinfo=UTC),
) -> SearchStrategy[datetime]:
    """Generate moments in UTC, to the microsecond.

    Args:
        min_value: The earliest one.
        max_value: The latest one.
    """
    return st.datetimes(
        min_value.astimezone(UTC).replace(tzinfo=None),
        max_value.astimezone(UTC).replace(tzinfo=None),
        timezones=st.just(UTC),
    )


def actors() -> SearchStrategy[str | None]:
    """Generate who made a change; None for nobody in particular."""
    return st.none() | _plain_texts(140)


def groups(
    *,
    code: SearchStrategy[GroupCode] | None = None,
    name: SearchStrategy[str] | None = None,
    time: SearchStrategy[datetime] | None = None,
) -> SearchStrategy[CustomerGroup]:
    """Generate groups.

    Args:
        code: Their codes; any, where it is None.
        name: Their names; any, where it is None.
        time: When they were made and changed; any time, where it is None.
    """
    moments = times() if time is None else time
    return st.builds(
        CustomerGroup,
        group_codes() if code is None else code,
        names() if name is None else name,
        moments,
        actors(),
        updated_at=moments,
        updated_by=actors(),
        status=st.sampled_from(GroupStatus),
        version=st.integers(1, 3),
        attributes=attributes(),
    )


def memberships(
    *,
    group: SearchStrategy[GroupCode] | None = None,
    customer: SearchStrategy[CustomerKey] | None = None,
) -> SearchStrategy[Membership]:
    """Generate memberships.

    Args:
        group: The codes of the groups; any, where it is None.
        customer: The keys of the customers; any, where it is None.
    """
    return st.builds(
        Membership,
        group_codes() if group is None else group,
        customer_keys() if customer is None else customer,
        times(),
        actors(),
    )


def queries(
    *,
    names: Sequence[str] = (),
    codes: Sequence[str] = (),
    customers: Sequence[str] = (),
) -> SearchStrategy[GroupQuery]:
    """Generate searches for groups, their texts cut from values that exist.

    Args:
        names: The names that exist.
        codes: The codes of groups that exist.
        customers: The keys of customers that exist.
    """
    return st.builds(
        GroupQuery,
        code=st.none() | _matches(codes),
        name=st.none() | _matches(names),
        status=st.none() | st.sampled_from(GroupStatus),
        customer=st.none() | (st.sampled_from(customers) if customers else customer_keys()),
        order_by=st.sampled_from(GroupOrder),
    )


def _matches(existing: Sequence[str]) -> SearchStrategy[TextMatch]:
    literal = st.sampled_from(["", "%", "_", "*", "\\", "'", "a%", "[a-z]"])
    whole = st.sampled_from(existing) if existing else names(max_size=3)
    typed = whole.flatmap(name_variants)
    cut = whole.flatmap(_cuts)
    wild = st.builds(_with_wildcard, cut, st.sampled_from("%_*"))
    texts = st.one_of(literal, typed, cut, cut, wild)
    return st.builds(TextMatch, texts, st.sampled_from(MatchMode))


def _with_wildcard(text: str, wildcard: str) -> str:
    middle = len(text) // 2
    return f"{text[:middle]}{wildcard}{text[middle + 1 :]}"


def _cuts(text: str) -> SearchStrategy[str]:
    """Generate the parts of a text."""
    ends = st.integers(0, len(text))
    return st.builds(lambda a, b: text[min(a, b) : max(a, b)], ends, ends)
