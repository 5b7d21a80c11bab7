"""The adapter in memory, put together so that each of its parts can be replaced."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from customer_groups.adapters.memory import (
    InMemoryGroupRepository,
    InMemoryStorage,
    InMemoryUnitOfWork,
)
from customer_groups.errors import InvalidValueError
from customer_groups.repository import UnitOfWork
from customer_groups.reservations.memory import (
    InMemoryReservationRepository,
    InMemoryReservationWork,
)
from customer_groups.reservations.memory.contents import ReservationContents
from customer_groups.reservations.quantities import Scale
from customer_groups.reservations.repository import ReservationRules
from testing.reservation_hooks import asked

__all__ = ["Reservations", "ReservationsOfHost", "Storage", "Work"]


class Storage(InMemoryStorage):
    """A storage, and what broken adapters keep beside its transactions.

    Attributes:
        beside: Whatever it is, by tenant.
    """

    def __init__(self) -> None:
        """Make an empty storage."""
        super().__init__()
        self.beside: dict[str, dict[str, object]] = {}

    def of_others(self, tenant: str) -> Iterator[ReservationContents]:
        """Yield what the other tenants have stored."""
        for name, contents in sorted(self._contents.items()):
            found = contents.others.get(ReservationContents)
            if name != tenant and isinstance(found, ReservationContents):
                yield found

    def change_others(
        self, tenant: str, change: Callable[[ReservationContents], ReservationContents]
    ) -> None:
        """Change what the other tenants have stored."""
        for name, contents in self._contents.items():
            found = contents.others.get(ReservationContents)
            if name != tenant and isinstance(found, ReservationContents):
                others = {**contents.others, ReservationContents: change(found)}
                self._contents[name] = attrs.evolve(contents, others=others)


class Reservations(InMemoryReservationRepository):
    """The reservations of one tenant in one transaction."""

    def __init__(self, groups: InMemoryGroupRepository, scale: Scale, storage: Storage) -> None:
        """Keep the reservations with these groups."""
        super().__init__(groups, scale)
        self.storage = storage

    @property
    def beside(self) -> dict[str, object]:
        """What is kept for the tenant beside the transactions."""
        return self.storage.beside.setdefault(self._groups.tenant, {})

    @property
    def of_others(self) -> list[ReservationContents]:
        """What the other tenants have stored."""
        return list(self.storage.of_others(self._groups.tenant))

    def keep(self, **changes: Any) -> None:  # noqa: ANN401 - any part
        """Store these parts of the contents in place of what they were."""
        self._keep(attrs.evolve(self.contents, **changes))


class Work(InMemoryReservationWork):
    """One open transaction."""

    def __init__(
        self,
        core: InMemoryUnitOfWork,
        rules: ReservationRules,
        storage: Storage,
        repository: type[Reservations],
    ) -> None:
        """Hold the unit of work of the groups until its transaction ends."""
        super().__init__(core, partial(asked, core), rules)
        self._reservations = repository(core.groups, rules.scale, storage)


@attrs.frozen
class ReservationsOfHost:
    """The reservations of a host in memory, made of these parts."""

    storage: Storage
    rules: ReservationRules
    work: type[Work]
    repository: type[Reservations]

    def bind(self, work: UnitOfWork) -> Work:
        """Return the reservations in the transaction of a unit of work.

        Raises:
            InvalidValueError: its groups are not in memory.
        """
        if not isinstance(work, InMemoryUnitOfWork):
            raise InvalidValueError("unit of work", type(work).__name__, "is not in memory")
        return self.work(work, self.rules, self.storage, self.repository)
