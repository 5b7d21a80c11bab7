"""Answers that leave their process, in a form that arrives in another one."""

import io
import pickle
from typing import Any

from customer_groups.errors import CustomerGroupsError

__all__ = ["packed", "unpacked"]


def packed(answer: object) -> bytes:
    """Return what to send in place of an answer.

    An error of the library that cannot be sent, since the adapter added something to it or
    made a class of its own, becomes an error of the library's own class with the same fields.

    Args:
        answer: Any object, which may hold errors.

    Raises:
        Exception: something else cannot be sent.
    """
    parcel = io.BytesIO()
    _Packer(parcel).dump(answer)
    unpacked(parcel.getvalue())
    return parcel.getvalue()


def unpacked(parcel: bytes) -> Any:  # noqa: ANN401 - whatever was packed
    """Return what was packed."""
    return pickle.loads(parcel)  # noqa: S301 - packed by ourselves


class _Packer(pickle.Pickler):
    """Pickles values, and errors in a form that can be sent."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as pickle defines it
        if isinstance(value, CustomerGroupsError) and not _can_be_sent(value):
            return _plain(value).__reduce__()
        return NotImplemented


def _can_be_sent(error: CustomerGroupsError) -> bool:
    try:
        unpacked(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - pickling runs code of the adapter
        return False
    return True


def _plain(error: CustomerGroupsError) -> CustomerGroupsError:
    """Return an error of the library's own class, with the same fields."""
    errors = CustomerGroupsError.__module__.rpartition(".")[0]
    ours: type[CustomerGroupsError] = next(
        kind for kind in type(error).__mro__ if kind.__module__.startswith(errors)
    )
    names = [field.name for field in getattr(ours, "__attrs_attrs__", ())]
    return ours(**{name: getattr(error, name) for name in names})
