"""Cells hold text, nothing, or what cannot be known."""

import attrs
import pytest

from customer_groups.errors import LimitExceededError
from customer_groups.files.cells import Unclear, has_text, require_short, shown

FRACTION = Unclear("1.5", "fraction", "is a number with a fraction")


@pytest.mark.parametrize("cells", [[], [None], ["", " \t", None], ["\u3000"]])
def test_white_space_is_no_text(cells: list[object]) -> None:
    """Nor is a cell with nothing in it."""
    assert not has_text(cells)


@pytest.mark.parametrize("cells", [["", "x"], ["\x1c"], [FRACTION], [None, 0]])
def test_everything_else_is(cells: list[object]) -> None:
    """Also what Python counts as white space and Unicode does not."""
    assert has_text(cells)


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), ("C 1", "C 1"), (FRACTION, "1.5"), (1.5, "1.5"), (0, "0")]
)
def test_a_cell_is_shown_as_the_file_has_it(cell: object, text: str) -> None:
    """So that somebody finds it there."""
    assert shown(cell) == text


def test_only_texts_can_be_too_long() -> None:
    """What is not text is told of as such."""
    require_short(["abc", None, 12345, FRACTION], 3)
    with pytest.raises(LimitExceededError) as caught:
        require_short(["abc", "abcd"], 3)
    assert attrs.astuple(caught.value) == ("field_characters", 3)
