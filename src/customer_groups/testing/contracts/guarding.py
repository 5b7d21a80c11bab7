"""What makes a class of tests a contract: who subclasses it cannot soften it."""

import functools
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

import pytest

__all__ = ["Contract", "guard", "rules_of"]

_Rule = Callable[[Any], None]


class Contract:
    """A class whose tests are rules.

    Attributes:
        known_deviations: The rules that the adapter is known to break: the name of the test,
            and the reason. Such a test is expected to fail; when it passes, that is an error,
            and the declaration must go.
    """

    known_deviations: ClassVar[Mapping[str, str]] = {}


def rules_of(contract: type[Contract]) -> dict[str, _Rule]:
    """Return the tests of a contract by name, in the order in which they run."""
    return {
        name: test
        for base in reversed(contract.__mro__)
        for name, test in vars(base).items()
        if name.startswith("test_")
    }


def guard(tests: type[Contract], contract: type[Contract]) -> None:
    """Make sure that a class of tests has every rule of its contract.

    Args:
        tests: The class that somebody defines for an adapter.
        contract: The contract that it subclasses.

    Raises:
        TypeError: it replaces a rule, or declares a deviation from a rule that there is not,
            or without a reason.
    """
    rules = rules_of(contract)
    _refuse_replaced(tests, contract, {*rules, *_helpers_of(contract)})
    _refuse_bad_declarations(tests, rules)
    for name, rule in rules.items():
        reason = tests.known_deviations.get(name)
        setattr(tests, name, rule if reason is None else _must_fail(rule, reason))


def _helpers_of(contract: type[Contract]) -> set[str]:
    """Return the private names by which rules do their work."""
    names = {name for base in contract.__mro__ for name in vars(base)}
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


def _refuse_replaced(
    tests: type[Contract], contract: type[Contract], names: Collection[str]
) -> None:
    for base in tests.__mro__:
        is_checked = base is not tests and issubclass(base, contract)
        is_ours = base in contract.__mro__
        replaced = sorted({*vars(base)} & {*names}, reverse=True)  # tests before helpers
        if replaced and not is_checked and not is_ours:
            raise TypeError(
                f"{tests.__name__} replaces {', '.join(replaced)} of {contract.__name__}; give"
                " your own test or helper another name, or, if the adapter is known to break"
                f" the rule, declare known_deviations = {{{replaced[0]!r}: 'why'}}"
            )


def _refuse_bad_declarations(tests: type[Contract], rules: Mapping[str, _Rule]) -> None:
    if not isinstance(tests.known_deviations, Mapping):
        raise TypeError(
            f"{tests.__name__}.known_deviations is {tests.known_deviations!r}; let it say the"
            " reason of each, as {'test_of_the_rule': 'why'}"
        )
    for name, reason in tests.known_deviations.items():
        if name not in rules:
            raise TypeError(
                f"{tests.__name__} declares a deviation from {name!r}, which is no rule;"
                " correct the name, or remove it from known_deviations"
            )
        if not str(reason).strip():
            raise TypeError(
                f"{tests.__name__} declares a deviation from {name!r} without a reason;"
                " say in known_deviations why the adapter breaks this rule"
            )


def _must_fail(rule: _Rule, reason: str) -> _Rule:
    """Return a test that is expected to fail, and fails where it does not."""

    @functools.wraps(rule)
    def deviating(self: object) -> None:
        rule(self)

    said = f"{reason} (a known deviation; once the rule is kept, remove the declaration)"
    marked: _Rule = pytest.mark.xfail(reason=said, strict=True)(deviating)
    return marked
