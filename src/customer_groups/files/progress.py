"""How a long import or export tells how far it is."""

from collections.abc import Callable

__all__ = ["OnProgress"]

OnProgress = Callable[[int, int | None], object]
"""Is told how much is done, and how much there is to do, None where that is not known."""
