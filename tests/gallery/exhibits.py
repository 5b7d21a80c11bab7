"""What every gallery of broken adapters is made of."""

from collections.abc import Sequence
from typing import Literal, get_args

import attrs

__all__ = ["LAYERS", "Exhibit", "Layer"]

Layer = Literal["rules", "machine", "audit", "concurrent", "faults"]
"""A part of the kit."""

LAYERS: tuple[Layer, ...] = get_args(Layer)
"""The parts of the kit, the cheap ones first."""


@attrs.frozen
class Exhibit:
    """An adapter with one bug.

    Attributes:
        broken: The part that has the bug.
        layer: The part of the kit that must find it, if those before it do not.
    """

    broken: type
    layer: Layer = "rules"

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers that are tried, in this order."""
        return tuple(dict.fromkeys((self.layer, LAYERS[0])))

    @property
    def name(self) -> str:
        """What the adapter is called."""
        return self.broken.__name__

    @property
    def bug(self) -> str:
        """What is wrong with it."""
        return (self.broken.__doc__ or "").strip()
