"""Between the values of reservations and plain records, such as JSON has them."""

from decimal import Decimal

import cattrs

from customer_groups.converters import make_converter as make_converter_of_groups
from customer_groups.errors import InvalidValueError
from customer_groups.reservations.quantities import Quantity, as_quantity

__all__ = ["make_converter"]


def make_converter() -> cattrs.Converter:
    """Return a new converter for the values of reservations, and for those of the groups.

    As `customer_groups.converters.make_converter`, and a Decimal is text with all its places;
    a number with a fraction, which JSON readers make a float of, is no quantity.

    >>> make_converter().unstructure(Decimal("1.50"))
    '1.50'
    """
    converter = make_converter_of_groups()
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(int | Decimal, converter.unstructure)
    converter.register_structure_hook(int | Decimal, _quantity)
    return converter


def _quantity(value: str | Quantity, _: object) -> Quantity:
    try:
        return as_quantity("quantity", Decimal(value) if isinstance(value, str) else value)
    except ArithmeticError:
        raise InvalidValueError("quantity", value, "is not a number") from None
