"""Between the values of the model and plain records, such as JSON has them."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import cattrs

from customer_groups.errors import InvalidValueError
from customer_groups.model import Attributes, parse_time

__all__ = ["make_converter"]

T = TypeVar("T", str, int, bool)


def make_converter() -> cattrs.Converter:
    """Return a new converter for groups, summaries, memberships, customers and counts.

    A record is a ``dict`` that holds text, numbers, booleans, None and other records, so that
    JSON can hold it. Times are ISO 8601 in UTC, to the microsecond. What is unstructured and
    structured again is equal.

    Structuring takes nothing for something else: a key that the value does not have, a
    number where text belongs, or a time without a time zone is an error. All errors of a
    record come together, as the ``ClassValidationError`` of cattrs.

    >>> make_converter().unstructure(Attributes({"region": "north"}))
    {'region': 'north'}
    """
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    converter.register_unstructure_hook(enum.StrEnum, _text_of_member)
    converter.register_structure_hook(enum.StrEnum, _member)
    converter.register_unstructure_hook(datetime, _time_as_text)
    converter.register_structure_hook(datetime, _time)
    converter.register_unstructure_hook(Attributes, dict)
    converter.register_structure_hook(Attributes, _attributes)
    return converter


def _exactly(value: object, kind: type[T]) -> T:
    if type(value) is not kind:
        raise InvalidValueError("value", value, f"is not of type {kind.__name__}")
    return value


def _text_of_member(member: enum.StrEnum) -> str:
    return member.value


def _member(value: object, kind: type[enum.StrEnum]) -> enum.StrEnum:
    return kind(_exactly(value, str))


def _time_as_text(time: datetime) -> str:
    return parse_time(time).isoformat()


def _time(value: object, _: object) -> datetime:
    return parse_time(datetime.fromisoformat(_exactly(value, str)))


def _attributes(value: object, _: object) -> Attributes:
    if not isinstance(value, Mapping):
        raise InvalidValueError("attributes", value, "are not an object")
    return Attributes(value)
