"""Quantities, stocks and moments, as they are typed and shown."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from customer_groups.errors import InvalidValueError
from customer_groups.reservations import Quantity, Scale, make_converter
from customer_groups.reservations.files.cells import quantity_in, time_in
from customer_groups.reservations.quantities import as_quantity

__all__ = [
    "SCALE",
    "moment",
    "on_hand",
    "quantity",
    "record_of",
    "stock_and_quantity",
    "zone_option",
]

F = TypeVar("F", bound=Callable[..., Any])

SCALE = Scale(3)
"""How finely the command line counts."""


def quantity(text: str) -> Quantity:
    """Return the quantity that somebody typed.

    Raises:
        click.BadParameter: it is none.
    """
    try:
        return quantity_in(text)
    except InvalidValueError as error:
        raise click.BadParameter(str(error)) from None


def on_hand(number: Quantity) -> Quantity:
    """Return a number that can say how much there is of a stock.

    Raises:
        InvalidValueError: it is more than can be stored, or finer than quantities are counted.
    """
    field = "quantity on hand"
    if SCALE.normal(as_quantity(field, number)) != number:
        raise InvalidValueError(field, number, SCALE.too_fine)
    return number


def stock_and_quantity(text: str) -> tuple[str, Quantity]:
    """Return the stock and the quantity of ``STOCK=QUANTITY``.

    Raises:
        click.BadParameter: it is not of that form.
    """
    stock, is_given, number = text.rpartition("=")
    if not is_given:
        raise click.BadParameter(f"{text!r} is not of the form STOCK=QUANTITY")
    return stock, quantity(number)


def moment(text: str | None, zone: tzinfo) -> datetime | None:
    """Return the moment that somebody typed; None for None.

    Args:
        text: A date or a time in ISO 8601.
        zone: The time zone of what names none.

    Raises:
        InvalidValueError: it is none.
    """
    return None if text is None else time_in("time", text, zone)


def record_of(value: object) -> Any:  # noqa: ANN401  JSON is anything
    """Return a value as JSON can hold it; quantities are text."""
    converter = make_converter()
    converter.register_unstructure_hook(Quantity, str)
    return converter.unstructure(value)


def zone_option(command: F) -> F:
    """Add the option that says in which time zone a date is."""
    option = click.option(
        "--time-zone",
        "zone",
        metavar="NAME",
        type=_zone,
        default="UTC",
        show_default=True,
        help="Of dates, and of times without one, such as Europe/Vienna.",
    )
    return option(command)


def _zone(name: str) -> tzinfo:
    if name == "UTC":  # which needs no data of zones
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise click.BadParameter(f"{name!r} is no time zone, such as Europe/Vienna") from None
