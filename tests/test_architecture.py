"""The architecture: who may import whom, and what every module looks like."""

import ast
import graphlib
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import customer_groups

ROOT = "customer_groups"
SOURCE = Path(customer_groups.__file__).parent

# A module imports only from layers that stand above its own. docs/explanation/design.md
# says why; a new module gets its place there and here.
LAYERS = [
    "errors",
    "text",
    "paging",
    "codes",
    "customers",
    "model",
    "query",
    "outcomes",
    "repository",
    "searching",
    "service",
    "converters",
    "files",
    "importing",
    "exporting",
    "adapters",
    "reservations",
    "testing",
    "cli",
]
NOT_FOR_THE_ROOT = ["adapters", "reservations", "testing", "cli"]
STRANGERS = [f"{ROOT}.adapters.memory", f"{ROOT}.adapters.sql"]
MAX_LINES = 450


def module_name(path: Path) -> str:
    """Return the dotted name of a file of the package."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def imports(source: str) -> Iterator[str]:
    """Yield the dotted name of everything of ours that a module imports, wherever it does.

    Imports inside functions and under ``TYPE_CHECKING`` are imports. A relative import is
    given as the dots that it begins with, an import through the root as the root.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if is_within(alias.name, ROOT))
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level
        elif isinstance(node, ast.ImportFrom) and node.module == ROOT:
            yield ROOT
        elif isinstance(node, ast.ImportFrom) and is_within(node.module or "", ROOT):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, package: str) -> bool:
    """Return whether a dotted name is a package or stands inside it."""
    return f"{name}.".startswith(f"{package}.")


def layer(name: str) -> str:
    """Return the layer of a dotted name; the root is below all of them."""
    return name.split(".")[1] if "." in name else ROOT


def forbidden(module: str, source: str) -> list[str]:
    """Return what a module imports although it must not."""
    return [name for name in imports(source) if not may_import(module, name)]


def may_import(module: str, name: str) -> bool:
    """Return whether a module may import a dotted name."""
    if layer(name) not in LAYERS:
        return False
    if module == ROOT:
        return layer(name) not in NOT_FOR_THE_ROOT
    if any(
        is_within(module, one) and is_within(name, two)
        for one, two in zip(STRANGERS, STRANGERS[::-1], strict=True)
    ):
        return False
    return layer(name) == layer(module) or LAYERS.index(layer(name)) < LAYERS.index(layer(module))


def module_of(name: str) -> str:
    """Return the module that a dotted name is, or stands in."""
    return name if name in MODULES else name.rpartition(".")[0]


def public_names(tree: ast.Module) -> set[str]:
    """Return the classes, functions and type aliases that a module makes, private ones left out.

    Limits in capitals may be public or not; `TypeVar`s are nobody's business.
    """
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and not is_type_variable(node.value):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_") and not name.isupper()}


def place(name: str) -> tuple[bool, bool, str]:
    """Return where a name stands in ``__all__``: constants first, then classes, then the rest."""
    return (not name.isupper(), not name[0].isupper(), name)


def is_type_variable(node: ast.expr) -> bool:
    """Return whether an expression makes a type variable."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"TypeVar", "ParamSpec"}
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_module_imports_only_from_above(module: str) -> None:
    """A module imports only from layers above its own, and never the root."""
    assert module == ROOT or layer(module) in LAYERS, "give the new module a place in LAYERS"
    assert forbidden(module, MODULES[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "names"),
    [
        ("text", "from customer_groups.errors import InvalidNameError", []),
        ("text", "import customer_groups.errors", []),
        ("text", "import attrs\nfrom customer_groups_extra import x", []),
        ("errors", "from customer_groups.text import trim", ["customer_groups.text.trim"]),
        ("errors", "import customer_groups.text", ["customer_groups.text"]),
        ("errors", "import attrs, customer_groups.text as t", ["customer_groups.text"]),
        (
            "errors",
            "def f():\n    from customer_groups.text import trim",
            ["customer_groups.text.trim"],
        ),
        (
            "errors",
            "if TYPE_CHECKING:\n    from customer_groups.text import trim",
            ["customer_groups.text.trim"],
        ),
        ("text", "import customer_groups", [ROOT]),
        ("text", "import customer_groups as cg", [ROOT]),
        ("text", "from customer_groups import errors", [ROOT]),
        ("cli.main", "from customer_groups import CustomerGroup", [ROOT]),
        ("cli.main", "from customer_groups import *", [ROOT]),
        ("text", "from . import errors", ["."]),
        ("adapters.memory", "from ..text import trim", [".."]),
        ("text", "from customer_groups.nowhere import x", ["customer_groups.nowhere.x"]),
        ("adapters.sql.tables", "from customer_groups.adapters.sql.dialect import x", []),
        (
            "adapters.sql.tables",
            "from customer_groups.adapters import memory",
            ["customer_groups.adapters.memory"],
        ),
        (
            "adapters.memory",
            "from customer_groups.adapters.sql.tables import x",
            ["customer_groups.adapters.sql.tables.x"],
        ),
        ("testing.machines", "from customer_groups.adapters.memory import x", []),
        (
            "service",
            "from customer_groups.adapters.memory import x",
            ["customer_groups.adapters.memory.x"],
        ),
    ],
)
def test_the_check_finds_what_it_is_there_for(module: str, source: str, names: list[str]) -> None:
    """The check itself is red where it must be, and only there."""
    assert forbidden(f"{ROOT}.{module}", source) == names


@pytest.mark.parametrize("package", NOT_FOR_THE_ROOT)
def test_the_root_leaves_the_outside_alone(package: str) -> None:
    """Adapters, kit, reservations and command line are imported from their own path."""
    assert forbidden(ROOT, f"from customer_groups.{package} import x") != []
    assert forbidden(ROOT, "from customer_groups.model import CustomerGroup") == []


def test_no_circle() -> None:
    """Inside a package, too, modules import each other in one direction only."""
    graph = {
        module: {module_of(name) for name in imports(path.read_text("utf-8"))} - {module}
        for module, path in MODULES.items()
    }

    assert set(graphlib.TopologicalSorter(graph).static_order()) >= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_files_are_small(module: str) -> None:
    """A file that does not fit into a head is taken apart."""
    assert len(MODULES[module].read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_is_public(module: str) -> None:
    """``__all__`` is sorted, its names exist, and it leaves out no public name made there."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    made = public_names(tree)
    loaded = importlib.import_module(module)
    names: list[str] = getattr(loaded, "__all__", [])

    assert "__all__" in vars(loaded) or not tree.body[1:], "only an empty package has no __all__"
    assert names == sorted(set(names), key=place)
    assert [name for name in names if not hasattr(loaded, name)] == []
    assert made - set(names) == set()


def test_public_names_are_found() -> None:
    """The check for ``__all__`` sees classes, functions and aliases, and skips what is private."""
    source = """
T = TypeVar("T")
Item = NewType("Item", str)
Pairs = dict[str, str]
LIMIT = 3
_hidden = 4
class Group: ...
class _Part: ...
def find(): ...
def _look(): ...
"""
    assert public_names(ast.parse(source)) == {"Item", "Pairs", "Group", "find"}


def loaded_packages(statement: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after a statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_library_is_cheap() -> None:
    """The root loads no third party but attrs, cattrs and what these two load themselves."""
    allowed = loaded_packages("import attrs, cattrs") | sys.stdlib_module_names | {ROOT}

    assert loaded_packages(f"import {ROOT}") - allowed == set()
