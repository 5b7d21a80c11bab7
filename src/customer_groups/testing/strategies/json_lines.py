"""JSON Lines, knowing what stands where."""

import json
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.testing.strategies.layout import (
    CODE_COLUMNS,
    MOST_ROWS,
    OTHER_COLUMN,
    Layout,
    Row,
    Value,
    blank_rows,
)

__all__ = ["json_lists"]

_NOT_TEXT = (7, 1.5, True, None, ["C1"])
_NOT_JSON = ("C1", "{", "'C1'", '{"customer_code": "C1"', "00123", '["C1"')
_WITHOUT_THE_COLUMN = '{"note": "x"}'


def json_lists(values: SearchStrategy[Value]) -> SearchStrategy[Layout]:
    """Generate lines with a text or an object, some numbers, and some that are not JSON.

    Args:
        values: The values.
    """
    columns = st.sampled_from((*CODE_COLUMNS, OTHER_COLUMN))
    return _texts(values) | columns.flatmap(lambda column: _objects(values, column))


def _texts(values: SearchStrategy[Value]) -> SearchStrategy[Layout]:
    malformed = [_not_text(value, value) for value in _NOT_TEXT]
    return st.lists(_lines(values, malformed), max_size=MOST_ROWS).map(Layout)


def _objects(values: SearchStrategy[Value], column: str) -> SearchStrategy[Layout]:
    """Generate lists of which the first object has the column, since it decides which it is."""
    objects = values.map(lambda value: Row(json.dumps({"note": "x", column: value.text}), (value,)))
    malformed = [
        *(_not_text({column: value}, value) for value in _NOT_TEXT),
        _malformed(_WITHOUT_THE_COLUMN, "no_column"),
    ]
    rows = st.lists(objects | _lines(values, malformed), max_size=MOST_ROWS)
    options = {"column": column} if column == OTHER_COLUMN else {}
    return st.tuples(objects, rows).map(lambda both: Layout([both[0], *both[1]], options))


def _lines(values: SearchStrategy[Value], malformed: Sequence[Row]) -> SearchStrategy[Row]:
    """Generate texts, in ASCII or not, blank lines, and what is malformed."""
    written = st.tuples(values, st.booleans())
    texts = written.map(lambda pair: Row(json.dumps(pair[0].text, ensure_ascii=pair[1]), pair[:1]))
    broken = [_malformed(text, "not_json") for text in _NOT_JSON]
    return st.one_of(texts, blank_rows(), st.sampled_from([*malformed, *broken]))


def _not_text(record: object, value: object) -> Row:
    return Row(json.dumps(record), (Value(json.dumps(value), "not_text"),))


def _malformed(text: str, reason: str) -> Row:
    return Row(text, (Value(text, reason),))
