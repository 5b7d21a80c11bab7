"""Prints which layer of the kit catches which broken adapter, each layer alone, as Markdown.

``python tests/gallery/matrix.py [NAME ...]`` takes some seconds for each adapter: all of them,
or those that are named. What catches them is noted for the tests, which try that first.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gallery.cases import Case, Layer
from gallery.catalogue import CASES
from gallery.trying import KNOWN_RULES, LAYERS, Failure, failures, known_rules

SEED = 0


def main() -> None:
    """Print a line for each adapter as soon as it is tried."""
    wanted = sys.argv[1:] or [case.name for case in CASES]
    _print(["broken adapter", *LAYERS])
    _print(["---"] * (len(LAYERS) + 1))
    known = dict(known_rules())
    for case in CASES:
        if case.name in wanted:
            found = {layer: list(failures(case, layer, SEED)) for layer in LAYERS}
            _print([f"{case.name}: {case.bug}", *(_cell(found[layer]) for layer in LAYERS)])
            known.update(_best(case, [each for layer in LAYERS for each in found[layer]]))
    KNOWN_RULES.write_text(f"{json.dumps(known, indent=2, sort_keys=True)}\n", "utf-8")


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
