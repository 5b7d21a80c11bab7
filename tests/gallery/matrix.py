"""Prints which layer of the kit catches which broken adapter, each layer alone, as Markdown.

``python tests/gallery/matrix.py [--of GALLERY] [--first] [--layers LAYER ...] [--] [NAME ...]``
takes some seconds for each adapter: all of them, or those that are named. With ``--first`` a layer
is left at its first failure. What catches an adapter is noted for the tests, which try that first.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from gallery.exhibits import LAYERS, Exhibit, Layer
from gallery.of_groups import GALLERY as OF_GROUPS
from gallery.reservations.of_reservations import GALLERY as OF_RESERVATIONS
from gallery.reservations.of_reservations import ON_SERVERS
from gallery.trying import Failure, Gallery

GALLERIES: Mapping[str, Gallery[Any]] = {
    "groups": OF_GROUPS,
    "reservations": OF_RESERVATIONS,
    "servers": ON_SERVERS,
}
SEED = 0


def main() -> None:
    """Print a line for each adapter as soon as it is tried."""
    chosen = _arguments()
    gallery = GALLERIES[chosen.of]
    layers: Sequence[Layer] = chosen.layers
    _print(["broken adapter", *layers])
    _print(["---"] * (len(layers) + 1))
    known = dict(gallery.known_rules())
    for case in gallery.cases:
        if case.name in (chosen.names or [case.name]):
            found = [_found(gallery, case, layer, first=chosen.first) for layer in layers]
            _print([f"{case.name}: {case.bug}", *map(_cell, found)])
            if case.name not in known or not chosen.first:
                flat = [each for of_layer in found for each in of_layer]
                known.update(_best(case, flat, known))
    gallery.note(known)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a broken adapter; else all")
    parser.add_argument("--of", choices=GALLERIES, default="groups", help="the gallery")
    parser.add_argument("--first", action="store_true", help="leave a layer at its first failure")
    parser.add_argument("--layers", nargs="+", choices=LAYERS, default=LAYERS)
    return parser.parse_args()


def _found(gallery: Gallery[Any], case: Exhibit, layer: Layer, *, first: bool) -> Sequence[Failure]:
    return list(islice(gallery.failures(case, layer, SEED), 1 if first else None))


def _print(cells: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def _cell(found: Sequence[Failure]) -> str:
    """Return how often a layer catches an adapter, and how it does so first."""
    if not found:
        return ""
    return found[0].rule if found[0].layer == "machine" else f"{len(found)}: {found[0].rule}"


def _best(case: Exhibit, found: Sequence[Failure], known: Mapping[str, str]) -> dict[str, str]:
    """Return the rule to try first, if there is one that says in words what is wrong.

    What was noted before stays as long as it catches the adapter: it may have been chosen for
    what it is about.
    """
    layers: set[Layer] = {"rules", case.layer} - {"machine"}
    said = [
        each.rule
        for each in found
        if each.layer in layers and isinstance(each.error, AssertionError)
    ]
    if known.get(case.name) in said:
        return {}
    return {case.name: said[0]} if said else {}


if __name__ == "__main__":
    main()
