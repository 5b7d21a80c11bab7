"""Quantities: exact numbers, as fine as the host declares, and never a float."""

from contextlib import AbstractContextManager
from decimal import ROUND_FLOOR, Context, Decimal, localcontext

import attrs

from customer_groups.errors import InvalidValueError

__all__ = [
    "EXACT",
    "LARGEST",
    "MAX_PLACES",
    "Quantity",
    "Scale",
    "as_number",
    "as_quantity",
    "asked_for",
    "difference",
    "exact_sums",
    "from_units",
    "to_units",
    "written",
]

Quantity = int | Decimal
"""How much of something: never a float, which cannot hold a tenth."""

MAX_PLACES = 6
LARGEST = 10**9
"""The most that one quantity may be; sums may be more."""

_LARGEST_SUM = 9 * 10**12  # as millionths, it fits into 64 bits
EXACT = Context(prec=60)
"""What quantities are calculated in, whatever the host has set for its own decimal numbers."""


def as_quantity(field: str, value: Quantity) -> Quantity:
    """Return a number that can be a quantity, or a change of one: it may be below zero.

    Args:
        field: What the number is meant for, in words for the error.
        value: The number.

    Raises:
        InvalidValueError: as for `as_number`, or it has more than 6 decimal places.
    """
    number = as_number(field, value)
    if number != _rounded_down(number, MAX_PLACES):
        raise InvalidValueError(field, value, f"has more than {MAX_PLACES} decimal places")
    return number


def as_number(field: str, value: Quantity) -> Quantity:
    """Return an exact number that storages can keep, but perhaps not all of its decimal places.

    Args:
        field: What the number is meant for, in words for the error.
        value: The number.

    Raises:
        InvalidValueError: it is no int and no Decimal, no number, or more than storages can keep.
    """
    if type(value) is not int and not isinstance(value, Decimal):
        raise InvalidValueError(field, value, "is neither an int nor a Decimal", "not_a_number")
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidValueError(field, value, "is not a number", "not_a_number")
    if not -_LARGEST_SUM <= value <= _LARGEST_SUM:
        raise InvalidValueError(field, value, f"is more than {_LARGEST_SUM:,}", "too_large")
    return value


def asked_for(quantity: Quantity) -> Quantity:
    """Return a quantity that somebody may ask for, if the scale of the host allows it.

    Raises:
        InvalidValueError: it is no int and no Decimal, not above zero, has more than 6 decimal
            places, or is more than 1,000,000,000.
    """
    as_quantity("quantity", quantity)
    if quantity <= 0:
        raise InvalidValueError("quantity", quantity, "is not above zero", "not_positive")
    if quantity > LARGEST:
        raise InvalidValueError("quantity", quantity, f"is more than {LARGEST:,}", "too_large")
    return quantity


def difference(whole: Quantity, *parts: Quantity) -> Quantity:
    """Return what is left of a quantity, to the last decimal place.

    Whatever the host has set for its own decimal numbers.
    """
    with localcontext(EXACT):
        return whole - sum(parts)


def exact_sums() -> AbstractContextManager[Context]:
    """Return a context in which sums are exact; how the host rounds, in its own calls, stays."""
    return localcontext(prec=EXACT.prec, Emin=EXACT.Emin, Emax=EXACT.Emax)


def _rounded_down(number: Quantity, places: int) -> Decimal:
    unit = Decimal(1).scaleb(-places)
    return Decimal(number).quantize(unit, rounding=ROUND_FLOOR, context=EXACT)


def to_units(quantity: Quantity) -> int:
    """Return a quantity as a whole number of millionths, the way storages keep it.

    >>> to_units(Decimal("1.5"))
    1500000
    """
    return int(EXACT.scaleb(Decimal(quantity), MAX_PLACES))


def from_units(units: int) -> Decimal:
    """Return the quantity that `to_units` made a whole number of.

    >>> from_units(1500000)
    Decimal('1.500000')
    """
    return EXACT.scaleb(Decimal(units), -MAX_PLACES)


def written(quantity: Quantity) -> str:
    """Return a quantity as people write it, without zeros at its end.

    >>> written(Decimal("2.500")), written(Decimal("40.000")), written(Decimal("1E+2")), written(70)
    ('2.5', '40', '100', '70')
    """
    text = f"{Decimal(quantity):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _checked_places(places: int) -> int:
    if type(places) is not int or not 0 <= places <= MAX_PLACES:
        raise InvalidValueError("scale", places, f"is not a whole number from 0 to {MAX_PLACES}")
    return places


@attrs.frozen
class Scale:
    """How finely a host counts.

    Attributes:
        places: How many decimal places a quantity may have, 0 to 6: none for pieces, three
            for kilograms that are weighed to the gram.
    """

    places: int = attrs.field(default=0, converter=_checked_places)

    @property
    def too_fine(self) -> str:
        """What is wrong with a quantity that is finer, to be read after it."""
        if self.places:
            return f"is finer than {self.places} decimal places"
        return "is not a whole number, which this host counts in"

    def checked(self, quantity: Quantity) -> Quantity:
        """Return a quantity that somebody asks for, see `asked_for`, in its normal form.

        >>> Scale(3).checked(Decimal("1.5"))
        Decimal('1.500')

        Raises:
            InvalidValueError: it is no int and no Decimal, not above zero, finer than the
                scale, or more than 1,000,000,000.
        """
        normal = self.normal(asked_for(quantity))
        if normal != quantity:
            raise InvalidValueError("quantity", quantity, self.too_fine, "too_fine")
        return normal

    def normal(self, quantity: Quantity) -> Quantity:
        """Return a quantity with the decimal places of the scale, rounded down.

        An int where there are none.

        >>> Scale(0).normal(Decimal("3.000000")), Scale(2).normal(3)
        (3, Decimal('3.00'))
        """
        rounded = _rounded_down(quantity, self.places)
        return rounded if self.places else int(rounded)

    def kept(self, quantity: Quantity) -> Quantity:
        """Return a stored quantity in its normal form, if it is no finer than the scale.

        One that is finer keeps all its places: the host has counted more finely before.

        >>> Scale(0).kept(Decimal("3.000000")), Scale(0).kept(Decimal("0.500000"))
        (3, Decimal('0.500000'))
        """
        normal = self.normal(quantity)
        return normal if normal == quantity else quantity
