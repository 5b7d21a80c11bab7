"""Every source can be read twice."""

import io
from pathlib import Path
from typing import Any

import attrs
import pytest

from customer_groups.errors import LimitExceededError
from customer_groups.files.limits import Limits
from customer_groups.files.repeating import repeatable
from customer_groups.files.sources import Readable

LIMITS = Limits(input_bytes=10, rows=3)


def test_a_file_is_copied_from_where_it_stands() -> None:
    """Bytes and text, whatever they hold."""
    data = io.BytesIO(b"xxC1\xff\r\n")
    text = io.StringIO("xxC1\ud800\r\n", newline="")
    for file, expected in ((data, b"C1\xff\r\n"), (text, "C1\ud800\r\n")):
        file.seek(2)
        with repeatable(file, LIMITS) as again:
            for _ in range(2):
                copy = again()
                assert isinstance(copy, Readable)
                assert copy.read(100) == expected
        assert not file.closed


def test_an_iterator_is_copied() -> None:
    """What is not text stays what is not text."""
    values: Any = iter(["C1", 5, "é\ud800"])
    with repeatable(values, LIMITS) as again:
        assert [list(again()) for _ in range(2)] == [["C1", 5, "é\ud800"]] * 2  # type: ignore[arg-type]


def test_other_sources_are_repeatable_already(tmp_path: Path) -> None:
    """They are not copied."""
    for source in ("C1", tmp_path, ["C1"], {"C1": 1}):
        with repeatable(source, LIMITS) as again:
            assert again() is again() is source


def test_a_copy_has_the_limits_of_an_import() -> None:
    """An endless source must not fill the disk."""
    with pytest.raises(LimitExceededError) as caught, repeatable(io.BytesIO(b"x" * 11), LIMITS):
        pass  # pragma: no cover - the copy fails
    assert attrs.astuple(caught.value) == ("input_bytes", 10)
    with pytest.raises(LimitExceededError) as caught, repeatable(iter("abcd"), LIMITS):
        pass  # pragma: no cover - the copy fails
    assert attrs.astuple(caught.value) == ("rows", 3)
    with repeatable(iter("abc"), LIMITS) as again:
        assert list(again()) == ["a", "b", "c"]  # type: ignore[arg-type]
