"""Quantities in a database."""

from decimal import Decimal

import sqlalchemy as sa

from customer_groups.reservations.quantities import Quantity, from_units, to_units

__all__ = ["LARGEST_STORED", "Millionths"]

_LARGEST_UNITS = 2**63 - 1
LARGEST_STORED = from_units(_LARGEST_UNITS)
"""The largest quantity that fits into a column."""


class Millionths(sa.TypeDecorator[Quantity]):
    """A quantity, kept as a whole number of millionths: engines add those up exactly."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Quantity | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        """Return the quantity as a number of millionths."""
        return None if value is None else to_units(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:  # noqa: ARG002
        """Return the number of millionths as a quantity; a sum of none is nothing."""
        return None if value is None else from_units(int(value))
