"""The rule that everything together is right: the state machine, run by the contract."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Generic, Protocol, TypeVar

import attrs
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from customer_groups.customers import Customer
from customer_groups.repository import GroupStore
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.layers import Adapter, RawCounts, Storage
from customer_groups.testing.machine import GroupRepositoryMachine
from customer_groups.testing.profiles import PROFILES

__all__ = ["Closing", "MachineRules", "MakesStorages"]


class MakesStorages(Protocol):
    """The hooks that every contract of a storage has."""

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""

    def close_storage(self, storage: Storage) -> None:
        """Put a storage away."""


H = TypeVar("H", bound=MakesStorages)


@attrs.frozen
class Closing(Generic[H]):
    """The hooks of a contract; the storages that it makes are put away by ``closing``."""

    hooks: H
    closing: ExitStack

    def make_storage(self) -> Storage:
        """Return a new, empty storage."""
        storage = self.hooks.make_storage()
        self.closing.callback(self.hooks.close_storage, storage)
        return storage


class _ClosingGroups(Closing[RepositoryRules]):
    """The hooks of the contract of groups."""

    def open_store(
        self, storage: Storage, tenant: str, customers: Sequence[Customer]
    ) -> GroupStore:
        """Return a store of one tenant."""
        return self.hooks.open_store(storage, tenant, customers)


class _ClosingAndAudited(_ClosingGroups):
    """The same, of an adapter whose storage can be counted."""

    def audit(self, storage: Storage) -> RawCounts:
        """Return what the storage holds."""
        return self.hooks.audit(storage)


def _machine_for(hooks: RepositoryRules) -> type[GroupRepositoryMachine]:
    """Return the state machine of the adapter that these hooks make."""
    kind = _ClosingAndAudited if hooks.has_layer("audit") else _ClosingGroups

    class Machine(GroupRepositoryMachine):
        def adapters(self) -> Mapping[str, Adapter]:
            self.closing = ExitStack()
            return {type(hooks).__name__: kind(hooks, self.closing)}

        def teardown(self) -> None:
            super().teardown()
            self.closing.close()

    return Machine


class MachineRules(RepositoryRules):
    """Any calls, in any order, with values that are drawn for what is stored."""

    def test_any_calls_give_the_answers_of_the_model(self) -> None:
        """Rule: after any sequence of calls, every answer is that of the model of this kit.

        Usual cause: two rules that are kept one by one, but not together. If other tests of
        the contract fail, look at those first: they say more.

        Fix: repeat the steps that are printed; the last one is where the answers differ. How
        many programs are tried is said by ``profile``.
        """
        chosen = PROFILES[self.profile].hypothesis_settings(self.hypothesis or settings())
        run_state_machine_as_test(_machine_for(self), settings=chosen)
