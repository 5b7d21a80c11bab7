"""One request has one effect and one answer, however often it is sent."""

import decimal
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar, cast

import attrs

from customer_groups.errors import InvalidValueError
from customer_groups.model import parse_actor, time_or_now
from customer_groups.reservations.converters import make_converter
from customer_groups.reservations.model import parse_request_id
from customer_groups.reservations.quantities import exact_sums
from customer_groups.reservations.repository import ReservationWork

__all__ = ["Request", "once"]

T = TypeVar("T")


@attrs.frozen
class Request:
    """Who asks for a change, and when.

    Attributes:
        id: What identifies the request, chosen by who asks.
        at: When it is made; None for now.
        by: Who makes it.
    """

    id: str = attrs.field(converter=parse_request_id)
    at: datetime = attrs.field(default=None, converter=time_or_now)
    by: str | None = attrs.field(default=None, converter=parse_actor)


def once(
    work: ReservationWork, request: Request, asked: object, do: Callable[[], T], answer: type[T]
) -> T:
    """Do what a request asks for, or return what it was answered before.

    An error undoes all of it, the note of the request included: it may be sent again.

    Args:
        work: The unit of work.
        request: The request.
        asked: All that it asks for, the operation included, as values that JSON can hold, times
            and quantities. When and by whom is not a part of it: who sends a request again does
            so later.
        do: Does it.
        answer: What kind of value that returns.

    Raises:
        RequestReusedError: the same id asked for something else before.
    """
    repository = work.reservations
    with repository.atomic(), exact_sums():
        stored = repository.begin(request.id, _fingerprint(asked))
        if stored is not None:
            return make_converter().structure(json.loads(stored), answer)
        done = do()
        repository.finish(request.id, _as_json(done))
        return done


def _fingerprint(asked: object) -> str:
    return hashlib.sha256(_as_json(asked).encode()).hexdigest()


def _as_json(value: object) -> str:
    """Return what our converter structures again; making one would take longer than to store it."""
    return json.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if attrs.has(type(value)):
        return attrs.asdict(cast("attrs.AttrsInstance", value), recurse=False)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, decimal.Decimal):
        return str(value)
    kind = type(value).__name__
    raise InvalidValueError("request", value, f"holds a {kind}, which cannot be compared later")
