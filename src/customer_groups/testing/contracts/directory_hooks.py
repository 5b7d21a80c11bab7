"""What the author of a directory tells the kit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from customer_groups.customers import Customer, CustomerDirectory
from customer_groups.testing.contracts.guarding import Contract

__all__ = ["DirectoryRules"]


class DirectoryRules(Contract):
    """The hooks of a directory's contract."""

    def make_directory(self, customers: Sequence[Customer]) -> CustomerDirectory:
        """Return a directory of exactly these customers."""
        raise NotImplementedError(
            "say how to make a directory, by defining make_directory(self, customers)"
        )

    def close_directory(self, directory: CustomerDirectory) -> None:
        """Put a directory away; nothing is done unless a subclass defines it."""

    @contextmanager
    def _directory(self, customers: Sequence[Customer]) -> Iterator[CustomerDirectory]:
        directory = self.make_directory(customers)
        try:
            yield directory
        finally:
            self.close_directory(directory)
