"""The customers that commands about stock name."""

from customer_groups.customers import CustomerKey
from customer_groups.errors import InvalidValueError
from customer_groups.outcomes import WHY_REFUSED, Outcome, look_up
from customer_groups.repository import UnitOfWork
from customer_groups.searching import customer_key
from customer_groups.text import trim

__all__ = ["key_of_known"]


def key_of_known(work: UnitOfWork, customer: str, *, by_key: bool) -> CustomerKey:
    """Return the key of a customer.

    For orders of a host any key will do; one that is typed is wrong where nobody has it.

    Args:
        work: The unit of work.
        customer: The code.
        by_key: Whether that is the key instead.

    Raises:
        InvalidValueError: no customer has it, or it cannot be a code or key.
        AmbiguousCustomerError: several customers have this code.
    """
    key, value = customer_key(work, customer, by_key=by_key), trim(customer)
    if not look_up(work.customers, [value], by_key=by_key).get(value):
        reason = f"is unknown: {WHY_REFUSED[Outcome.UNKNOWN]}"
        raise InvalidValueError("customer", value, reason)
    return key
