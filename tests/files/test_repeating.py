"""Every source can be read twice."""

import io
from pathlib import Path
from typing import Any

import attrs
import pytest

from customer_groups.errors import LimitExceededError
from customer_groups.files.repeating import repeatable_file, repeatable_values
from customer_groups.files.sources import Readable

PLENTY = 10**9


def test_a_file_is_copied_from_where_it_stands() -> None:
    """Bytes and text, whatever they hold."""
    data = io.BytesIO(b"xxC1\xff\r\n")
    text = io.StringIO("xxC1\ud800\r\n", newline="")
    for file, expected in ((data, b"C1\xff\r\n"), (text, "C1\ud800\r\n")):
        file.seek(2)
        with repeatable_file(file, PLENTY) as again:
            for _ in range(2):
                copy = again()
                assert isinstance(copy, Readable)
                assert copy.read(100) == expected
        assert not file.closed


def test_an_iterator_is_copied() -> None:
    """What is not text stays what is not text."""
    values: Any = iter(["C1", 5, "é\ud800"])
    with repeatable_values(values, 3) as copy:
        assert [list(copy) for _ in range(2)] == [["C1", 5, "é\ud800"]] * 2


def test_other_sources_are_repeatable_already(tmp_path: Path) -> None:
    """They are not copied."""
    for source in ("C1", tmp_path):
        with repeatable_file(source, PLENTY) as again:
            assert again() is again() is source
    for values in (["C1"], {"C1": 1}):
        with repeatable_values(values, PLENTY) as copy:
            assert copy is values


def test_a_copy_has_the_limits_of_an_import() -> None:
    """An endless source must not fill the disk."""
    with pytest.raises(LimitExceededError) as caught, repeatable_file(io.BytesIO(b"x" * 11), 10):
        pass  # pragma: no cover - the copy fails
    assert attrs.astuple(caught.value) == ("input_bytes", 10)
    with pytest.raises(LimitExceededError) as caught, repeatable_values(iter("abcd"), 3):
        pass  # pragma: no cover - the copy fails
    assert attrs.astuple(caught.value) == ("rows", 3)
    with repeatable_values(iter("abc"), 3) as copy:
        assert list(copy) == ["a", "b", "c"]
