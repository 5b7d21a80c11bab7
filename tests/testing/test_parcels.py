"""What leaves a process arrives as it is, or as what it is for everybody."""

import threading

import attrs
import pytest

from customer_groups.errors import (
    CustomerGroupsError,
    DuplicateCodeError,
    DuplicateNameError,
    InvalidNameError,
)
from customer_groups.testing.contracts.values import group
from customer_groups.testing.parcels import packed, unpacked


class DetailedError(DuplicateNameError):
    """An adapter's own error, which pickle cannot make again."""

    def __init__(self, name: str, code: str, detail: str) -> None:
        """Keep what the driver said."""
        super().__init__(name, code)
        self.detail = detail


class DriverError(CustomerGroupsError):
    """An adapter's own error, right below the base of all errors."""

    def __init__(self, connection: object) -> None:
        """Keep the connection."""
        super().__init__("it broke")
        self.connection = connection


class OwnError(DuplicateCodeError):
    """An adapter's own error that can be sent."""


def with_lock(error: CustomerGroupsError) -> CustomerGroupsError:
    """Return an error that also holds what cannot be sent."""
    error.connection = threading.Lock()  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize("answer", [None, [group()], {"a": OwnError("A")}, DuplicateCodeError("A")])
def test_what_can_be_sent_arrives_as_it_is(answer: object) -> None:
    """Values and errors are the same on the other side."""
    arrived = unpacked(packed(answer))
    assert arrived == answer or repr(arrived) == repr(answer)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (with_lock(DuplicateCodeError("A")), DuplicateCodeError("A")),
        (with_lock(OwnError("A")), DuplicateCodeError("A")),
        (DetailedError("Name", "A", "unique_violation"), DuplicateNameError("Name", "A")),
        (
            with_lock(InvalidNameError("name", "", "is empty", "empty")),
            InvalidNameError("name", "", "is empty", "empty"),
        ),
        (DriverError(threading.Lock()), CustomerGroupsError()),
    ],
)
def test_errors_arrive_with_their_fields(
    error: CustomerGroupsError, expected: CustomerGroupsError
) -> None:
    """An error that cannot be sent becomes one of the library's own, wherever it stands."""
    ((arrived,),) = unpacked(packed([(error,)]))
    assert type(arrived) is type(expected)
    for field in getattr(type(expected), "__attrs_attrs__", ()):
        assert getattr(arrived, field.name) == getattr(expected, field.name)


@attrs.frozen
class Holder:
    """Holds anything."""

    held: object


@pytest.mark.parametrize(
    "answer",
    [threading.Lock(), Holder(lambda: 1), with_lock(DuplicateCodeError(lambda: 1))],  # type: ignore[arg-type]
)
def test_anything_else_is_refused(answer: object) -> None:
    """Who sends it is told, before it leaves."""
    with pytest.raises(Exception, match=r"pickle"):
        packed(answer)
