"""What an adapter tells the kit about itself, layer by layer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import attrs

from customer_groups.customers import Customer
from customer_groups.repository import GroupStore

__all__ = ["Adapter", "Audited", "MayFail", "RawCounts", "Storage"]

Storage: TypeAlias = Any
"""What an adapter keeps groups in; only the adapter knows what that is."""

MayFail: TypeAlias = Callable[[str, Exception], None]
"""Told what is done next, and how that fails where it fails; raises this error when it shall."""


@attrs.frozen
class RawCounts:
    """What a storage holds, counted without the adapter.

    Attributes:
        groups: The stored groups, by tenant and code, each with the number of customers that is
            stored with it; None where the storage keeps no such number.
        memberships: How many memberships are stored, by tenant and code of their group; a
            group without any may be left out.
    """

    groups: Mapping[tuple[str, str], int | None]
    memberships: Mapping[tuple[str, str], int]


class Adapter(Protocol):
    """What the kit must know to test an adapter."""

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer]
    ) -> GroupStore:
        """Return a store of one tenant on this storage.

        Args:
            storage: What `make_storage` returned.
            tenant: The tenant.
            customers: All customers that the tenant has from now on.
        """


@runtime_checkable
class Audited(Protocol):
    """An adapter whose storage can be counted without it."""

    def audit(self, storage: Storage) -> RawCounts:
        """Return what the storage holds, as seen from outside of every transaction."""
