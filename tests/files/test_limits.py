"""Limits are checked when they are made."""

import attrs
import pytest

from customer_groups.errors import InvalidValueError
from customer_groups.files.limits import Limits

NAMES = [field.name for field in attrs.fields(Limits)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [-1, 1.0, "1", None, True])
def test_a_limit_is_a_whole_number(name: str, limit: object) -> None:
    """Anything else would fail later, or never."""
    with pytest.raises(InvalidValueError) as caught:
        Limits(**{name: limit})  # type: ignore[arg-type]
    assert caught.value.field == name


@pytest.mark.parametrize("name", NAMES)
def test_only_rejects_need_not_be_reported(name: str) -> None:
    """With any other limit of zero nothing could be read."""
    assert getattr(Limits(**{name: 1}), name) == 1
    if name == "reported_rejects":
        assert Limits(reported_rejects=0).reported_rejects == 0
    else:
        with pytest.raises(InvalidValueError, match="is not a whole number from 1"):
            Limits(**{name: 0})
