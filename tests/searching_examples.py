"""Finds examples of what a strategy claims to give."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import Phase, find, given, settings
from hypothesis.strategies import SearchStrategy

__all__ = ["examples", "found"]

T = TypeVar("T")


def found(strategy: SearchStrategy[T], condition: Callable[[T], bool]) -> T:
    """Return a value of this kind; fail if the strategy gives none."""
    hard = settings(max_examples=2_000, derandomize=True, phases=[Phase.generate])
    return find(strategy, condition, settings=hard)


def examples(strategy: SearchStrategy[T], number: int) -> list[T]:
    """Return this many examples, or some more: the same ones on every run."""
    seen: list[T] = []

    @settings(max_examples=number, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def see(value: T) -> None:
        seen.append(value)

    see()
    return seen
