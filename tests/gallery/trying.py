"""The kit, run on the adapters of a gallery, layer by layer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import attrs
import pytest

from customer_groups.testing.contracts.guarding import Contract, rules_of
from gallery.exhibits import LAYERS, Exhibit, Layer

__all__ = ["Failure", "Gallery"]

C = TypeVar("C", bound=Exhibit)


@attrs.frozen
class Failure:
    """How the kit caught an adapter.

    Attributes:
        layer: The part of the kit.
        rule: The rule that fails; of the machine of groups, after how many programs.
        error: What it raises.
    """

    layer: Layer
    rule: str
    error: BaseException


@attrs.frozen(eq=False, kw_only=True)
class Gallery(Generic[C]):
    """Broken adapters, and the kit that must catch them.

    Attributes:
        cases: The adapters.
        contract: All rules; its attribute ``case`` says for which adapter.
        rules_of_layers: The rules of each layer but "rules", which has all others.
        slow_rules: Rules that are tried last.
        notes: The file that says by which rules the adapters were caught when the matrix was
            made last.
    """

    cases: Sequence[C]
    contract: type[Contract]
    rules_of_layers: Mapping[Layer, type[Contract]]
    slow_rules: type[Contract] = Contract
    notes: Path

    def failures(self, case: C, layer: Layer, number: int) -> Iterator[Failure]:  # noqa: ARG002
        """Yield the failures of an adapter in one layer, in the order of the rules.

        Args:
            case: The adapter.
            layer: The layer.
            number: The seed of what is drawn.
        """
        rules = [rule for rule in rules_of(self.contract) if self._layer_of(rule) == layer]
        for rule in sorted(rules, key=self._is_slow):
            yield from self._failures_of_rule(case, layer, rule)

    def first_failure(self, case: C, number: int) -> Failure | None:
        """Return the first failure of an adapter, or None; see `failures`.

        What found the bug before is tried first, which saves nearly all of the time.
        """
        return next(self._all_failures(case, number), None)

    def known_rules(self) -> Mapping[str, str]:
        """Return by which rules the adapters were caught when the matrix was made last."""
        rules: Mapping[str, str] = json.loads(self.notes.read_text("utf-8"))
        return rules

    def note(self, rules: Mapping[str, str]) -> None:
        """Store by which rules the adapters were caught; those of other adapters are dropped."""
        names = {case.name for case in self.cases}
        kept = {name: rule for name, rule in rules.items() if name in names}
        self.notes.write_text(f"{json.dumps(kept, indent=2, sort_keys=True)}\n", "utf-8")

    def _all_failures(self, case: C, number: int) -> Iterator[Failure]:
        known = self.known_rules().get(case.name)
        if known in rules_of(self.contract):
            yield from self._failures_of_rule(case, self._layer_of(known), known)
        for layer in case.layers:
            yield from self.failures(case, layer, number)

    def _is_slow(self, rule: str) -> bool:
        return rule in vars(self.slow_rules)

    def _layer_of(self, rule: str) -> Layer:
        owner = next(base for base in reversed(self.contract.__mro__) if rule in vars(base))
        layers = self.rules_of_layers.items()
        return next((layer for layer, kind in layers if issubclass(owner, kind)), LAYERS[0])

    def _failures_of_rule(self, case: C, layer: Layer, rule: str) -> Iterator[Failure]:
        contract = type(case.name, (self.contract,), {"case": case})()
        try:
            getattr(contract, rule)()
        except KeyboardInterrupt:
            raise
        except pytest.skip.Exception:  # under the profile "deep" only
            return
        except BaseException as error:  # noqa: BLE001 - whatever is raised is the answer
            yield Failure(layer, rule, error)
