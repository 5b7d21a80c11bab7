"""The public names: those of the root, and a docstring on everything that is public."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from types import FunctionType, ModuleType

import pytest

import customer_groups

# What a host needs every day. Adapters, the kit and the command line are not among it.
AT_THE_ROOT = [
    # values
    "Customer",
    "CustomerCode",
    "CustomerGroup",
    "CustomerKey",
    "CustomerQuery",
    "GroupCode",
    "GroupOrder",
    "GroupQuery",
    "GroupStatus",
    "GroupSummary",
    "Membership",
    "Outcome",
    "OutcomeCounts",
    "Page",
    "RandomCodes",
    "SequentialCodes",
    "TextMatch",
    "contains",
    "equals",
    "starts_with",
    # protocols
    "CodeGenerator",
    "CustomerDirectory",
    "GroupRepository",
    "GroupStore",
    "UnitOfWork",
    # use cases
    "activate_group",
    "add_customers",
    "create_group",
    "deactivate_group",
    "delete_group",
    "export_customers",
    "export_groups",
    "import_customers",
    "list_customers",
    "remove_customers",
    "rename_group",
    "search_customers",
    "search_groups",
    "set_customers",
    # errors: the base; the others are imported from customer_groups.errors
    "CustomerGroupsError",
]

MODULES = [
    module.name
    for module in pkgutil.walk_packages(customer_groups.__path__, f"{customer_groups.__name__}.")
    if not module.name.rpartition(".")[2].startswith("__")
]


def undocumented(module: ModuleType) -> list[str]:
    """Return the public classes, functions, methods and properties without a docstring."""
    public = [(name, getattr(module, name)) for name in getattr(module, "__all__", [])]
    missing = [name for name, value in public if is_code(value) and not value.__doc__]
    for name, value in public:
        if inspect.isclass(value):
            missing += [f"{name}.{part}" for part in undocumented_parts(value)]
    return missing


def undocumented_parts(cls: type) -> list[str]:
    """Return the public methods and properties that have a docstring in no base either."""
    return [
        part
        for part, value in vars(cls).items()
        if is_code(value)
        and not part.startswith("_")
        and not any(vars(base)[part].__doc__ for base in cls.__mro__ if part in vars(base))
    ]


def is_code(value: object) -> bool:
    """Return whether a value is something that a docstring can be written for."""
    return inspect.isclass(value) or isinstance(
        value, FunctionType | property | classmethod | staticmethod
    )


def test_the_root_holds_what_a_host_needs() -> None:
    """Every name of the daily work is at the root, and importable from there."""
    names = customer_groups.__all__

    assert set(AT_THE_ROOT) - set(names) == set()
    assert [name for name in names if not hasattr(customer_groups, name)] == []


def test_the_root_stays_small() -> None:
    """About 40 names: whoever needs more knows where it lives."""
    assert 35 <= len(customer_groups.__all__) <= 50


def test_the_root_shows_nothing_else() -> None:
    """Apart from its modules, the root has no public name that it does not announce."""
    visible = {
        name
        for name, value in vars(customer_groups).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }

    assert visible <= set(customer_groups.__all__)


def test_files_are_loaded_when_they_are_used() -> None:
    """A host that imports and exports nothing does not load what reads and writes files."""
    code = "import customer_groups, sys; print('customer_groups.importing' in sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True)

    assert loaded.stdout.strip() == "False"
    assert customer_groups.import_customers.__module__.startswith("customer_groups.importing")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="has no attribute 'import_nothing'"):
        customer_groups.import_nothing  # noqa: B018


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_is_documented(name: str) -> None:
    """Every module, and every public class, function, method and property has a docstring."""
    module = importlib.import_module(name)

    assert module.__doc__
    assert undocumented(module) == []


def test_what_is_not_documented_is_found() -> None:
    """The check sees functions, classes, methods and properties, and inherited docstrings."""
    module = ModuleType("module")
    source = """
class Base:
    'Documented.'
    def told(self): 'Documented.'

class Child(Base):
    def told(self): ...
    def silent(self): ...
    @property
    def hidden(self): ...
    @classmethod
    def made(cls): ...
    @classmethod
    def explained(cls): 'Documented.'
    def _private(self): ...

def mute(): ...

LIMIT = 3
__all__ = ["Base", "Child", "LIMIT", "mute"]
"""
    exec(source, vars(module))  # noqa: S102 - our own code

    assert undocumented(module) == ["Child", "mute", "Child.silent", "Child.hidden", "Child.made"]
