"""The contract of `CustomerDirectory`, the host's side."""

from customer_groups.testing.contracts.guarding import guard
from customer_groups.testing.contracts.looking_up import LookingUpRules
from customer_groups.testing.contracts.picking import PickingRules

__all__ = ["CustomerDirectoryContract"]


class CustomerDirectoryContract(PickingRules, LookingUpRules):
    """Every rule of `CustomerDirectory`, as a test of yours.

    Subclass it in a test module, and say how a directory of some customers is made:

    .. code-block:: python

        class TestMyDirectory(CustomerDirectoryContract):
            def make_directory(self, customers):
                return MyDirectory(customers)

    A directory that must be put away is put away by ``close_directory(self, directory)``.
    Where your host can hold no such customers, for example because its codes are unique, the
    hook cannot make them: declare the rules about them, each with its reason, in
    ``known_deviations``. Rules cannot be replaced.
    """

    def __init_subclass__(cls) -> None:
        """Refuse a class that replaces a rule.

        Raises:
            TypeError: it does, or it declares a deviation wrongly.
        """
        super().__init_subclass__()
        guard(cls, CustomerDirectoryContract)
