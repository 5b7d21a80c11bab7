"""What is set aside comes back, however much it is."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from customer_groups.files.spool import Spool

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@given(st.lists(JSON_VALUES))
def test_values_come_back_in_order_as_often_as_one_likes(values: list[object]) -> None:
    """Any text, halves of surrogate pairs included."""
    with Spool() as spool:
        for value in values:
            spool.append(value)
        assert list(spool) == list(spool) == values
        assert len(spool) == len(values)


def test_many_values_go_to_disk() -> None:
    """Nothing differs but where they are."""
    values = [f"C{number:07}" for number in range(200_000)]
    with Spool() as spool:
        for value in values:
            spool.append(value)
        assert list(spool) == values


def test_it_can_begin_again() -> None:
    """As an import does that is tried again."""
    with Spool() as spool:
        spool.append("a longer value")
        assert list(spool) == ["a longer value"]
        spool.clear()
        assert (len(spool), list(spool)) == (0, [])
        spool.append("b")
        assert list(spool) == ["b"]


def test_what_json_cannot_hold_does_not_become_text() -> None:
    """Otherwise it would be taken for a code when it is read again."""
    with Spool() as spool:
        spool.append(Decimal("1.0"))
        spool.append({(1, 2): 3})
        assert list(spool) == [{"not JSON": "Decimal('1.0')"}, {}]
