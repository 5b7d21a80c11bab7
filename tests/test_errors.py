"""The errors: one tree, data as fields, one line that says what to do."""

import builtins
import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_groups import errors
from customer_groups.errors import (
    AmbiguousCustomerError,
    ColumnNotFoundError,
    CustomerGroupsError,
    CustomersRejectedError,
    DuplicateCodeError,
    DuplicateNameError,
    GroupNotFoundError,
    ImportFileError,
    InvalidNameError,
    InvalidValueError,
    SchemaError,
    StaleGroupError,
    StorageError,
    UnknownFormatError,
    UnreadableEncodingError,
)

ALL_CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, CustomerGroupsError)
]
NEVER_RAISED = {CustomerGroupsError, ImportFileError}
RAISED = [cls for cls in ALL_CLASSES if cls not in NEVER_RAISED]

EXAMPLES: dict[object, object] = {
    str: "Key\naccounts",
    int: 7,
    bool: True,
    Any: "VIP\n",
    str | None: "cp1252",
    int | None: 3,
    str | int | None: "customer",
    str | int | tuple[str, ...] | None: ("code", "nr"),
    tuple[str, ...]: ("C1", "C2"),
    tuple[tuple[int, str, str], ...]: ((3, "C1", "unknown"), (9, "C2", "inactive")),
}

# These fields hold words of this library, never the user's; so they are one line already.
OUR_WORDS = {"field", "reason", "message", "encoding", "limit", "kind", "remedy"}


ABOUT_A_TEXT: dict[str, Callable[[str], CustomerGroupsError]] = {
    "name": lambda text: InvalidNameError("name", text, "is wrong"),
    "not found": GroupNotFoundError,
    "duplicate code": DuplicateCodeError,
    "duplicate name": lambda text: DuplicateNameError(text, text),
    "stale": lambda text: StaleGroupError(text, 1, 2),
    "ambiguous": lambda text: AmbiguousCustomerError(text, (text, text)),
    "rejected": lambda text: CustomersRejectedError(((1, text, "unknown"),)),
    "format": lambda text: UnknownFormatError(text, ("csv",)),
    "column": lambda text: ColumnNotFoundError(text, (text,)),
}


def example(cls: type[CustomerGroupsError]) -> CustomerGroupsError:
    """Return an error of this class with something in every field."""
    values = {
        field.name: "words" if field.name in OUR_WORDS else EXAMPLES[field.type]
        for field in attrs.fields(cls)  # type: ignore[arg-type]
    }
    return cls(**values)


def fields(error: CustomerGroupsError) -> dict[str, Any]:
    """Return the data of an error."""
    return {field.name: getattr(error, field.name) for field in attrs.fields(type(error))}  # type: ignore[arg-type]


def builtin_parents(cls: type) -> list[str]:
    """Return the built-in errors that stand directly above a class."""
    return [base.__name__ for base in cls.__bases__ if hasattr(builtins, base.__name__)]


def test_every_class_is_public() -> None:
    """Every error class stands in ``__all__``, and nothing else does."""
    assert errors.__all__ == sorted(cls.__name__ for cls in ALL_CLASSES)


def test_the_drawn_tree_is_the_real_tree() -> None:
    """The tree in the docstring of the module has the classes and parents of the code."""
    assert errors.__doc__ is not None
    drawn: dict[str, tuple[str, list[str]]] = {}
    above: list[str] = ["CustomerGroupsError"]
    for indent, name, builtin in re.findall(
        r"^    ([│ ├└─]+)(\w+)(?: \((\w+)\))?$", errors.__doc__, re.MULTILINE
    ):
        depth = len(indent) // 4
        above[depth:] = [name]
        drawn[name] = (above[depth - 1], [builtin] if builtin else [])

    real = {
        cls.__name__: (cls.__bases__[0].__name__, builtin_parents(cls))
        for cls in ALL_CLASSES
        if cls is not CustomerGroupsError
    }
    assert drawn == real


@pytest.mark.parametrize("cls", RAISED)
def test_one_base_and_a_builtin_parent(cls: type[CustomerGroupsError]) -> None:
    """Whoever knows only Python's own errors can catch ours."""
    assert issubclass(cls, CustomerGroupsError)
    assert issubclass(cls, ValueError | LookupError | RuntimeError)
    assert not issubclass(cls, KeyError), "the text of a KeyError is a repr"


@pytest.mark.parametrize("cls", RAISED)
@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(lambda error: pickle.loads(pickle.dumps(error)), id="pickle"),  # noqa: S301 - our own bytes
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
    ],
)
def test_survives_pickle_and_copy(
    cls: type[CustomerGroupsError],
    duplicate: Callable[[CustomerGroupsError], CustomerGroupsError],
) -> None:
    """An error that crosses a process or is copied keeps its type, data and message."""
    error = example(cls)

    other = duplicate(error)

    assert type(other) is cls
    assert other is not error
    assert fields(other) == fields(error)
    assert str(other) == str(error)


@pytest.mark.parametrize("cls", RAISED)
def test_message_is_one_readable_line(cls: type[CustomerGroupsError]) -> None:
    """The message is one printable line, not the representation of the arguments."""
    error = example(cls)

    message = str(error)

    assert message
    assert message.isprintable()
    assert repr(error.args) not in message
    assert not message.startswith("(")


@pytest.mark.parametrize("make", ABOUT_A_TEXT.values(), ids=ABOUT_A_TEXT.keys())
@given(text=st.text(st.characters(), max_size=200))
def test_no_text_floods_or_breaks_a_log(
    make: Callable[[str], CustomerGroupsError], text: str
) -> None:
    """Whatever the user typed, the message stays one short line that can be encoded."""
    message = str(make(text))

    assert message.isprintable()
    assert len(message.encode()) < 1_000


def test_long_values_are_cut_in_the_message_only() -> None:
    """A message shows the beginning of a long value and its length; the field has all of it."""
    error = InvalidValueError("name", "x" * 500, "is too long")

    assert error.value == "x" * 500
    assert "(502 characters)" in str(error)
    assert len(str(error)) < 120


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            InvalidValueError("limit", 0, "is not a whole number from 1 to 1,000"),
            "limit 0 is not a whole number from 1 to 1,000",
        ),
        (
            GroupNotFoundError("CG-1"),
            "no customer group has the code 'CG-1'; search for it by name",
        ),
        (
            StaleGroupError("CG-1", 2, 4),
            (
                "the group 'CG-1' was changed meanwhile, or its members were: version 2 was"
                " expected, version 4 is stored; read it again and repeat the change"
            ),
        ),
        (
            CustomersRejectedError(((3, "C1", "unknown"),)),
            (
                "nothing was stored: customer 'C1' (number 3) is unknown;"
                " correct or leave out these customers"
            ),
        ),
        (
            CustomersRejectedError(((3, "C1", "unknown"), (4, "C2", "inactive"))),
            (
                "nothing was stored: customer 'C1' (number 3) is unknown, and 1 more;"
                " correct or leave out these customers"
            ),
        ),
        (
            UnreadableEncodingError("utf-8", 17),
            "not utf-8 at byte 17; name the encoding that it has",
        ),
        (
            UnreadableEncodingError("utf-8", 17, "cp1252"),
            'not utf-8 at byte 17; name the encoding that it has, perhaps encoding="cp1252"',
        ),
        (
            ColumnNotFoundError(None, ("a", "b")),
            "which column names the customers is not clear; name one of: 'a', 'b'",
        ),
        (
            ColumnNotFoundError(9, ("a", "b")),
            "there is no column 9; name one of: 'a', 'b'",
        ),
        (
            ColumnNotFoundError("a", ("a", "a")),
            "several columns are called 'a'; give its position instead",
        ),
        (
            ColumnNotFoundError(("a", "a", "b"), ("a", "a")),
            "several columns are called 'a' or 'b'; give its position instead",
        ),
        (
            ColumnNotFoundError("a", ()),
            "there are no columns, because there is no line; check the file",
        ),
        (StorageError("the disk is full"), "the disk is full"),
        (
            StorageError("deadlock", transaction_lost=True),
            "deadlock; the transaction is lost: roll back and repeat all of it",
        ),
        (
            SchemaError(None, 1),
            "the tables of customer_groups are missing; call create_schema first",
        ),
        (
            SchemaError(1, 2),
            (
                "the tables of customer_groups have version 1, this code needs version 2;"
                " call migrate first"
            ),
        ),
        (
            SchemaError(2, 1),
            (
                "the tables of customer_groups have version 2, this code needs version 1;"
                " upgrade the library"
            ),
        ),
    ],
)
def test_messages_say_what_to_do_next(error: CustomerGroupsError, message: str) -> None:
    """The messages that have a choice of words, word by word."""
    assert str(error) == message
