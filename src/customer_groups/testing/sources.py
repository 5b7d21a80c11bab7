"""Values as Python source, for programs that show how an adapter fails."""

import enum
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, cast

import attrs

__all__ = ["SHOWN_CHARACTERS", "call_source", "cut", "source_of"]

SHOWN_CHARACTERS = 1_000
"""How much of a value a failure shows."""

MOST_ITEMS = 20
SHOWN_ITEMS = 3
MOST_CHARACTERS = 200


def cut(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """Return a text, or its beginning if it has more than so many characters."""
    return text if len(text) <= most else f"{text[:most]} ..."


def call_source(
    name: str,
    arguments: Iterable[object],
    options: Mapping[str, object],
    *,
    whole: bool = False,
) -> str:
    """Return a call as source.

    Args:
        name: What is called.
        arguments: What is passed by position.
        options: What is passed by name.
        whole: Whether to show long lists to their end, or to leave their middle out.
    """
    passed = [source_of(value, whole=whole) for value in arguments]
    named = [f"{option}={source_of(value, whole=whole)}" for option, value in options.items()]
    return f"{name}({', '.join([*passed, *named])})"


def source_of(value: object, *, whole: bool = False) -> str:
    """Return the source of a value, without fields that have their default.

    Args:
        value: The value.
        whole: Whether to show long lists to their end, or to leave their middle out.
    """
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, datetime) and value.tzinfo is UTC:
        return repr(value).removeprefix("datetime.").replace("datetime.timezone.utc", "UTC")
    if isinstance(value, type) or not attrs.has(type(value)):
        return _plain_source(value, whole=whole)
    fields = _fields_that_matter(cast("attrs.AttrsInstance", value))
    return call_source(type(value).__name__, (), fields, whole=whole)


def _fields_that_matter(value: attrs.AttrsInstance) -> dict[str, object]:
    fields = [field for field in attrs.fields(type(value)) if field.init]
    given = {field.name: getattr(value, field.name) for field in fields}
    return {
        field.name: given[field.name]
        for field in fields
        if given[field.name] != _default(field, value)
    }


def _default(field: "attrs.Attribute[Any]", owner: object) -> object:
    default: Any = field.default
    if not hasattr(default, "takes_self"):
        return default
    return default.factory(owner) if default.takes_self else default.factory()


def _plain_source(value: object, *, whole: bool) -> str:
    def joined(values: Iterable[object]) -> str:
        return _joined([source_of(each, whole=whole) for each in values], whole=whole)

    if isinstance(value, Mapping):
        pairs = [
            f"{source_of(key, whole=whole)}: {source_of(each, whole=whole)}"
            for key, each in value.items()
        ]
        return f"{{{_joined(pairs, whole=whole)}}}"
    if isinstance(value, str) and len(value) > MOST_CHARACTERS and not whole:
        return f"{value[:MOST_CHARACTERS]!r} + ..."
    if isinstance(value, tuple):
        return f"({joined(value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, AbstractSet):
        return f"{type(value).__name__}([{joined(value)}])"
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return f"[{joined(value)}]"
    return "print" if callable(value) else repr(value)


def _joined(items: list[str], *, whole: bool) -> str:
    if whole or len(items) <= MOST_ITEMS:
        return ", ".join(items)
    left_out = "..."
    return ", ".join([*items[:SHOWN_ITEMS], left_out, *items[-SHOWN_ITEMS:]])
