"""Texts to import, each with what an import of it must report."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import cycle
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.customers import MAX_CUSTOMER_CODE_LENGTH, Customer, CustomerKey
from customer_groups.errors import UnknownFormatError
from customer_groups.files.formats import DELIMITED, JSON_LINES, PASTED
from customer_groups.outcomes import REJECTS, Outcome, OutcomeCounts
from customer_groups.testing.strategies.delimited import delimited_lists
from customer_groups.testing.strategies.directories import customers as any_customers
from customer_groups.testing.strategies.expected import ExpectedOutcome, expected_outcomes
from customer_groups.testing.strategies.identifiers import customer_codes
from customer_groups.testing.strategies.json_lines import json_lists
from customer_groups.testing.strategies.layout import Row, Value
from customer_groups.testing.strategies.pasted import SEPARATORS, pasted_lists
from customer_groups.text import trim

__all__ = ["ImportText", "import_texts"]

_LAYOUTS = {PASTED: pasted_lists, DELIMITED: delimited_lists, JSON_LINES: json_lists}
_NOT_IN_VALUES = {PASTED: f"{SEPARATORS}\r\n"}
_MALFORMED = (
    Value("C\x071", "bad_character"),
    Value("\x1f", "bad_character"),
    Value("C\ufdd01", "bad_character"),
    Value("C\n1", "bad_character"),
    Value("C" * (MAX_CUSTOMER_CODE_LENGTH + 1), "too_long"),
)
_SPACES = ("", "", "", " ", "\u00a0", "\u3000", "\x85")
_LINE_ENDS = (("\n",), ("\r\n",), ("\r",), ("\n", "\r\n"))
_BYTE_ORDER_MARK = "\ufeff"


@attrs.frozen(kw_only=True)
class ImportText:
    """A list of customers as text, and what an import of it must report.

    Attributes:
        text: The text. Encoded as UTF-8, it is a file.
        options: What `import_customers` must be told to read it: always ``format``, and what
            the text itself does not say of ``delimiter``, ``column`` and ``dialect``.
        customers: The directory.
        members: Who is in the group before.
        outcomes: What becomes of each value, in the order of the text.
        blank_lines: How many lines have nothing on them.
        header_lines: How many lines say what is in the others.
    """

    text: str
    options: Mapping[str, Any]
    customers: tuple[Customer, ...]
    members: frozenset[CustomerKey]
    outcomes: tuple[ExpectedOutcome, ...]
    blank_lines: int
    header_lines: int

    @property
    def counts(self) -> OutcomeCounts:
        """How many values have each outcome; the time is left open."""
        return OutcomeCounts.of(Counter(each.outcome for each in self.outcomes))

    @property
    def added(self) -> tuple[CustomerKey, ...]:
        """The keys of the customers who are added, in the order of the text."""
        return tuple(each.customer for each in self.outcomes if each.customer is not None)

    @property
    def rejects(self) -> tuple[ExpectedOutcome, ...]:
        """The rejects as a report has them: by line, those that are malformed first."""
        rejects = (each for each in self.outcomes if each.outcome in REJECTS)
        return tuple(
            sorted(rejects, key=lambda each: (each.line, each.outcome is not Outcome.MALFORMED))
        )


def import_texts(
    *,
    customers: Sequence[Customer] | None = None,
    members: Collection[CustomerKey] | None = None,
    formats: Collection[str] = tuple(_LAYOUTS),
) -> SearchStrategy[ImportText]:
    """Generate lists of customers as text, together with what an import of them must report.

    Byte order marks, line ends of all kinds, blank lines, headers, quotes and spaces; codes
    that are repeated, unknown, ambiguous, nearly known or malformed. The outcomes are known
    because the strategy knows what it wrote; nothing is parsed. Shrinks to an empty text,
    otherwise to few lines of pasted text with known codes.

    Args:
        customers: The directory; any, where it is None.
        members: The keys of those who are in the group before; some of the active customers,
            where it is None.
        formats: Those of ``"pasted"``, ``"delimited"`` and ``"jsonl"`` that the text may have.

    Raises:
        UnknownFormatError: a format is none of these.
    """
    for format in formats:
        if format not in _LAYOUTS:
            raise UnknownFormatError(format, tuple(_LAYOUTS))
    return _import_texts(
        any_customers() if customers is None else st.just(customers),
        members,
        st.sampled_from(tuple(formats)),
        st.lists(customer_codes(), min_size=1, max_size=3),
    )


@st.composite
def _import_texts(
    draw: st.DrawFn,
    directories: SearchStrategy[Sequence[Customer]],
    given_members: Collection[CustomerKey] | None,
    formats: SearchStrategy[str],
    others: SearchStrategy[Sequence[str]],
) -> ImportText:
    directory = draw(directories)
    members = draw(_some_active(directory)) if given_members is None else given_members
    format = draw(formats)
    codes = _codes_to_write(directory, draw(others))
    values = _values(codes, without=_NOT_IN_VALUES.get(format, ""))
    layout = draw(_LAYOUTS[format](values))
    return ImportText(
        text=draw(_texts(layout.rows)),
        options={"format": format, **layout.options},
        customers=tuple(directory),
        members=frozenset(members),
        outcomes=tuple(expected_outcomes(layout.rows, directory, members)),
        blank_lines=sum(not row.values and not row.is_header for row in layout.rows),
        header_lines=sum(row.is_header for row in layout.rows),
    )


def _some_active(directory: Sequence[Customer]) -> SearchStrategy[set[CustomerKey]]:
    keys = [customer.key for customer in directory if customer.active]
    return st.sets(st.sampled_from(keys)) if keys else st.just(set())


def _values(codes: Sequence[str], *, without: str) -> SearchStrategy[Value]:
    """Generate values: well-formed ones, and some that are malformed.

    Args:
        codes: Customer codes that exist or not, in any proportion.
        without: What no value holds, because it would end there.
    """
    spaces = st.sampled_from(_SPACES)
    replaced = dict.fromkeys(map(ord, without), ".")
    written = st.sampled_from([code.translate(replaced) for code in codes])
    well_formed = st.tuples(spaces, written, spaces).map("".join).map(Value)
    malformed = [value for value in _MALFORMED if set(without).isdisjoint(value.text)]
    return st.one_of(well_formed, well_formed, well_formed, st.sampled_from(malformed))


def _codes_to_write(directory: Sequence[Customer], others: Sequence[str]) -> list[str]:
    """Return codes that exist, as often as others; some of these are nearly the same."""
    known = [customer.code for customer in directory if customer.code is not None]
    similar = [trim(other[:MAX_CUSTOMER_CODE_LENGTH]) for code in known for other in _similar(code)]
    return [*known, *known, *known, *similar, *others]


def _similar(code: str) -> tuple[str, ...]:
    return (code.swapcase(), f"0{code}", f"{code}0")


@st.composite
def _texts(draw: st.DrawFn, rows: Sequence[Row]) -> str:
    """Generate the text of these rows, with line ends of one kind or another."""
    ends = cycle(draw(st.sampled_from(_LINE_ENDS)))
    text = "".join(row.text + end for row, end in zip(rows, ends, strict=False))
    if rows and rows[-1].text and draw(st.booleans()):  # without its end, an empty line is none
        text = text.rstrip("\r\n")
    if text.startswith(_BYTE_ORDER_MARK) or draw(st.booleans()):  # only a second one is text
        text = _BYTE_ORDER_MARK + text
    return text
