"""Pasted lists, knowing what stands where."""

from collections.abc import Sequence
from itertools import chain

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.testing.strategies.layout import MOST_ROWS, Layout, Row, Value, blank_rows

__all__ = ["SEPARATORS", "pasted_lists"]

SEPARATORS = ",;\t"


def pasted_lists(values: SearchStrategy[Value]) -> SearchStrategy[Layout]:
    """Generate lines with any number of values, and nothing between some separators.

    Args:
        values: The values; there is no separator or line end in any of them.
    """
    piece = values.map(lambda value: Row(value.text, (value,))) | blank_rows()
    pieces = st.lists(st.tuples(st.sampled_from(SEPARATORS), piece), max_size=4)
    return st.lists(pieces.map(_on_one_line), max_size=MOST_ROWS).map(Layout)


def _on_one_line(pieces: Sequence[tuple[str, Row]]) -> Row:
    """Return one row of several, with a separator before each but the first."""
    text = "".join(separator + row.text for separator, row in pieces)[1:]
    return Row(text, tuple(chain.from_iterable(row.values for _, row in pieces)))
