"""Prints which layer of the kit catches which broken adapter, each layer alone, as Markdown.

``python tests/gallery/matrix.py [--first] [--layers LAYER ...] [--] [NAME ...]`` takes some seconds
for each adapter: all of them, or those that are named. With ``--first`` a layer is left at its
first failure. What catches an adapter is noted for the tests, which try that first.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gallery.cases import Case, Layer
from gallery.catalogue import CASES
from gallery.trying import KNOWN_RULES, LAYERS, Failure, failures, known_rules

SEED = 0


def main() -> None:
    """Print a line for each adapter as soon as it is tried."""
    names = [case.name for case in CASES]
    chosen = _arguments()
    layers: Sequence[Layer] = chosen.layers
    _print(["broken adapter", *layers])
    _print(["---"] * (len(layers) + 1))
    known = {name: rule for name, rule in known_rules().items() if name in names}
    for case in CASES:
        if case.name in (chosen.names or names):
            found = [_found(case, layer, first=chosen.first) for layer in layers]
            _print([f"{case.name}: {case.bug}", *map(_cell, found)])
            known.update(_best(case, [each for of_layer in found for each in of_layer]))
    KNOWN_RULES.write_text(f"{json.dumps(known, indent=2, sort_keys=True)}\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a broken adapter; else all")
    parser.add_argument("--first", action="store_true", help="leave a layer at its first failure")
    parser.add_argument("--layers", nargs="+", choices=LAYERS, default=LAYERS)
    return parser.parse_args()


def _found(case: Case, layer: Layer, *, first: bool) -> Sequence[Failure]:
    return list(islice(failures(case, layer, SEED), 1 if first else None))


def _print(cells: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def _cell(found: Sequence[Failure]) -> str:
    """Return how often a layer catches an adapter, and how it does so first."""
    if not found:
        return ""
    return found[0].rule if found[0].layer == "machine" else f"{len(found)}: {found[0].rule}"


def _best(case: Case, found: Sequence[Failure]) -> dict[str, str]:
    """Return the rule to try first, if there is one that says in words what is wrong."""
    layers: set[Layer] = {"rules", case.layer} - {"machine"}
    said = [
        each.rule
        for each in found
        if each.layer in layers and isinstance(each.error, AssertionError)
    ]
    return {case.name: said[0]} if said else {}


if __name__ == "__main__":
    main()
