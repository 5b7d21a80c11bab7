"""How a rule says what it expected and what came instead."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from customer_groups.testing.comparison import is_same_error
from customer_groups.testing.sources import cut

__all__ = [
    "Stopped",
    "expect",
    "expect_all",
    "expect_entries",
    "expect_error",
    "expect_that",
    "raised_by",
    "stopped_by",
]

K = TypeVar("K", bound=str)


class Stopped(BaseException):
    """Raised on purpose, as a signal would be: no `Exception`."""


def expect(what: str, actual: object, expected: object) -> None:
    """Refuse a value that is not the expected one.

    Args:
        what: Where the value comes from, in the words of somebody who writes an adapter.
        actual: What the adapter gave.
        expected: What the rule demands.

    Raises:
        AssertionError: they differ.
    """
    __tracebackhide__ = True
    if actual != expected:
        raise AssertionError(
            f"{what}\n  expected: {_shown(expected)}\n  but got:  {_shown(actual)}"
        )


def expect_that(claim: str, holds: object) -> None:
    """Refuse what is not so.

    Args:
        claim: What should be so.
        holds: Whether it is.

    Raises:
        AssertionError: it is not.
    """
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(f"expected, but not so: {claim}")


def expect_all(what: str, actual: Sequence[str], expected: Sequence[str]) -> None:
    """Refuse a long list that is not the expected one, and say where they differ.

    Args:
        what: Where the list comes from.
        actual: What the adapter gave.
        expected: What the rule demands, in this order.

    Raises:
        AssertionError: they differ.
    """
    __tracebackhide__ = True
    if actual == expected:
        return
    missing = sorted(set(expected) - set(actual))
    extra = sorted(set(actual) - set(expected))
    raise AssertionError(
        f"{what}\n  expected: {len(expected):,} values in a certain order\n"
        f"  but got:  {len(actual):,} values\n"
        f"  missing:  {len(missing):,} {_shown(missing)}\n"
        f"  extra:    {len(extra):,} {_shown(extra)}"
    )


def expect_entries(what: str, actual: Mapping[K, object], expected: Mapping[K, object]) -> None:
    """Refuse a large mapping that is not the expected one, and show the entries that differ.

    Args:
        what: Where the mapping comes from.
        actual: What the adapter gave.
        expected: What the rule demands.

    Raises:
        AssertionError: they differ.
    """
    __tracebackhide__ = True
    different = {
        key
        for key in actual.keys() | expected.keys()
        if key not in actual or key not in expected or actual[key] != expected[key]
    }
    expect(f"{what}; entries that differ", _some(actual, different), _some(expected, different))


def _some(entries: Mapping[K, object], keys: Collection[K]) -> dict[K, object]:
    return {key: entries[key] for key in sorted(keys) if key in entries}


def expect_error(what: str, action: Callable[[], object], expected: Exception) -> None:
    """Refuse an action that does not raise the expected error.

    Errors are compared by type and fields; of those that say that a value is invalid only
    the type counts, since their words are the adapter's own.

    Args:
        what: What is done, in the words of somebody who writes an adapter.
        action: Does it.
        expected: What it must raise.

    Raises:
        AssertionError: it raises something else, or nothing.
    """
    __tracebackhide__ = True
    raised = raised_by(action)
    if not is_same_error(expected, raised):
        came = "no error" if raised is None else _shown(raised)
        raise AssertionError(
            f"{what}\n  expected: {_shown(expected)}\n  but got:  {came}"
        ) from raised


def raised_by(action: Callable[[], object]) -> Exception | None:
    """Return the exception that an action raises, or None."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - whatever is raised is the answer
        return error
    return None


def stopped_by(action: Callable[[], object]) -> Stopped | None:
    """Return what stops an action, or None."""
    try:
        action()
    except Stopped as stop:
        return stop
    return None


def _shown(value: object) -> str:
    return cut(repr(value))
