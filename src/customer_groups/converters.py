"""Between the values of the model and plain records, such as JSON has them."""

import enum
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn

from customer_groups.errors import InvalidValueError
from customer_groups.model import Attributes, parse_time

__all__ = ["make_converter"]

T = TypeVar("T", str, int, bool)

_Hook = Callable[[Any, Any], Any]


def make_converter() -> cattrs.Converter:
    """Return a new converter for the values of the model, and for reports and plans of imports.

    A record is a ``dict`` that holds text, numbers, booleans, None and other records, so that
    JSON can hold it. Times are ISO 8601 in UTC, to the microsecond. What is unstructured and
    structured again is equal.

    Structuring takes nothing for something else: a key that the value does not have, a
    number where text belongs, a text where a list belongs, or a time without a time zone is
    an error. All errors of a record come together, of each list in it the first one, as the
    ``ClassValidationError`` of cattrs.

    >>> make_converter().unstructure(Attributes({"region": "north"}))
    {'region': 'north'}
    """
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook(str | int | None, _text_or_number)
    converter.register_unstructure_hook(enum.StrEnum, _text_of_member)
    converter.register_structure_hook(enum.StrEnum, _member)
    converter.register_unstructure_hook(datetime, _time_as_text)
    converter.register_structure_hook(datetime, _time)
    converter.register_structure_hook_factory(attrs.has, partial(_record_hook, converter))
    converter.register_structure_hook_factory(_is_list, partial(_list_hook, converter))
    converter.register_unstructure_hook(Attributes, dict)
    converter.register_structure_hook(Attributes, _attributes)
    return converter


def _record_hook(converter: cattrs.Converter, kind: type) -> _Hook:
    structure: _Hook = make_dict_structure_fn(kind, converter)

    def hook(record: object, kind: type) -> object:
        if not isinstance(record, Mapping):
            wrong = InvalidValueError("record", record, "is not an object")
            message = f"While structuring {kind.__name__}"
            raise cattrs.ClassValidationError(message, [wrong], kind)
        return structure(record, kind)

    return hook


def _is_list(kind: object) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[1:] == (...,)


def _list_hook(converter: cattrs.Converter, kind: object) -> _Hook:
    item = get_args(kind)[0]

    def hook(items: object, _: object) -> object:
        if not isinstance(items, list | tuple):
            raise InvalidValueError("value", items, "is not a list")
        return tuple([converter.structure(each, item) for each in items])

    return hook


def _exactly(value: object, kind: type[T]) -> T:
    if type(value) is not kind:
        raise InvalidValueError("value", value, f"is not of type {kind.__name__}")
    return value


def _text_or_number(value: object, _: object) -> str | int | None:
    return value if value is None or isinstance(value, str) else _exactly(value, int)


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
