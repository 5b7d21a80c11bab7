"""The kit outside of a pytest run."""

import inspect
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from time import perf_counter
from traceback import TracebackException
from unittest import SkipTest

import hypothesis
import pytest
from hypothesis import Verbosity, settings
from hypothesis.configuration import set_hypothesis_home_dir

from customer_groups.errors import InvalidValueError
from customer_groups.testing.contracts import GroupRepositoryContract
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.layers import Adapter
from customer_groups.testing.profiles import PROFILES, ProfileName
from customer_groups.testing.recording import PROGRAM
from customer_groups.testing.reports import ConformanceReport, Rule, RuleOutcome, RuleResult

__all__ = ["check_repository", "contract_of"]

REQUIRED = ("make_storage", "open_store")
OPTIONAL = ("close_storage", "audit", "concurrent", "faults")


def check_repository(
    factory: Callable[[], Adapter],
    profile: ProfileName = "standard",
    *,
    on_result: Callable[[RuleResult], object] | None = None,
) -> ConformanceReport:
    """Check every rule of `GroupRepositoryContract`, without a run of pytest.

    Nothing is printed, and no file stays behind. What pytest does around a test is not
    done: no fixture is set up, and a warning is no error.

    Under the profile "deep" some transactions run in other processes, which import the script
    that is run. A script must keep its work behind ``if __name__ == "__main__":`` then.

    Args:
        factory: Returns an adapter, as `contract_of` takes it. A class is such a factory, a
            subclass of the contract, too. It is called for each rule, so that no rule
            disturbs another.
        profile: How hard to look for faults: "quick", "standard" or "deep".
        on_result: Told what became of each rule, as soon as that is known.

    Returns:
        What became of each rule, in the order in which pytest runs them.

    Raises:
        InvalidValueError: there is no such profile, or the factory returns no adapter.
        TypeError: the factory cannot be called, or the adapter declares deviations wrongly.
    """
    if not callable(factory):
        raise TypeError(
            f"factory is {factory!r}, which cannot be called;"
            " pass the class of the adapter, or a function that makes one"
        )
    contract, versions = contract_of(factory(), profile), _versions()
    results: list[RuleResult] = []
    began = perf_counter()
    with _no_files():
        for name in rules_of(GroupRepositoryContract):
            known = contract.known_deviations.get(name)
            results.append(_check(_described(name), known, factory, profile))
            if on_result is not None:
                on_result(results[-1])
    duration = perf_counter() - began
    return ConformanceReport(type(contract).__name__, profile, versions, duration, tuple(results))


def contract_of(adapter: Adapter, profile: ProfileName = "standard") -> GroupRepositoryContract:
    """Return the rules for an adapter, each to be called as a method.

    Args:
        adapter: An object with the methods ``make_storage`` and ``open_store`` of
            `GroupRepositoryContract`. It may have ``close_storage``, the methods of layers
            that it opts into, and ``known_deviations``. An object of a subclass of the
            contract is returned itself, with this profile.
        profile: How hard to look for faults: "quick", "standard" or "deep".

    Raises:
        InvalidValueError: there is no such profile, or one of the two methods is missing.
        TypeError: a known deviation is from no rule, or without a reason.
    """
    if profile not in [*PROFILES]:
        raise InvalidValueError("profile", profile, f"is none of {', '.join(PROFILES)}")
    if isinstance(adapter, GroupRepositoryContract):
        adapter.profile = profile
        return adapter
    for hook in REQUIRED:
        if not hasattr(adapter, hook):
            raise InvalidValueError("adapter", adapter, f"has no method {hook}; define it")
    hooks = {
        hook: staticmethod(getattr(adapter, hook))
        for hook in (*REQUIRED, *OPTIONAL)
        if hasattr(adapter, hook)
    }
    deviations = getattr(adapter, "known_deviations", {})
    parts = {**hooks, "known_deviations": deviations, "profile": profile}
    made: type[_ContractOfAdapter] = type(type(adapter).__name__, (_ContractOfAdapter,), parts)
    return made(adapter)


class _ContractOfAdapter(GroupRepositoryContract):
    """A contract that is made for an adapter, and made again where it is unpickled."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    def __reduce__(self) -> tuple[object, ...]:
        return contract_of, (self._adapter, self.profile)


@contextmanager
def _no_files() -> Iterator[None]:
    """Let Hypothesis put its tables of Unicode where they do not stay."""
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _check(
    rule: Rule, known: str | None, factory: Callable[[], Adapter], profile: ProfileName
) -> RuleResult:
    """Return what becomes of a rule, whatever the adapter raises."""
    call = (
        "from customer_groups.testing import contract_of\n\n"
        f"contract_of(adapter, {profile!r}).{rule.name}()"
    )
    try:
        contract = contract_of(factory(), profile)
        chosen = contract.hypothesis or settings()
        contract.hypothesis = settings(chosen, database=None, verbosity=Verbosity.quiet)
        getattr(contract, rule.name)()
    except KeyboardInterrupt:
        raise
    except (pytest.skip.Exception, SkipTest) as skipped:
        return RuleResult(rule, RuleOutcome.SKIPPED, _printable(str(skipped)))
    except BaseException as error:  # noqa: BLE001 - whatever is raised is the answer
        reproducer = _reproducer(error) or call
        if known is not None:
            return RuleResult(rule, RuleOutcome.DEVIATES, _printable(known), reproducer)
        return RuleResult(rule, RuleOutcome.FAILED, _reason(error), reproducer)
    if known is None:
        return RuleResult(rule, RuleOutcome.PASSED)
    reason = f"the rule is kept; remove it from known_deviations, where it says: {known}"
    return RuleResult(rule, RuleOutcome.FAILED, _printable(reason), call)


def _described(name: str) -> Rule:
    """Return a rule with the three paragraphs of its docstring."""
    paragraphs = (inspect.getdoc(getattr(GroupRepositoryContract, name)) or "").split("\n\n")
    parts = [" ".join(paragraph.split()).partition(": ") for paragraph in paragraphs]
    said = {head: text for head, _, text in parts}
    return Rule(name, *(said.get(head, "") for head in ("Rule", "Usual cause", "Fix")))


def _reason(error: BaseException) -> str:
    """Return what was raised, and what that comes from."""
    return _printable("\ncaused by ".join(_said(each) for each in _with_origins(error)))


def _reproducer(error: BaseException) -> str:
    """Return the program that is noted on an error, or what else is noted there."""
    notes = [note for each in _with_origins(error) for note in getattr(each, "__notes__", ())]
    programs = [note.removeprefix(PROGRAM) for note in notes if note.startswith(PROGRAM)]
    return _printable(dedent(programs[0]) if programs else "\n".join(notes))


def _with_origins(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [error, *error.exceptions]
    return [error] if error.__cause__ is None else [error, error.__cause__]


def _said(error: BaseException) -> str:
    """Return the words of the kit, or an error of somebody else's and where it was raised."""
    told = TracebackException.from_exception(error, lookup_lines=False)
    if isinstance(error, AssertionError) and str(told):
        return str(told)
    places = [
        f"\n  raised in {frame.name}, line {frame.lineno} of {Path(frame.filename).name}"
        for frame in told.stack[-1:]
    ]
    return f"{type(error).__name__}: {told}{''.join(places)}"


def _printable(text: str) -> str:
    """Return text in which everything that cannot be seen is written as an escape."""
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1]
        for character in text
    )


def _versions() -> dict[str, str]:
    try:
        ours = version("customer-groups")
    except PackageNotFoundError:  # a copy of the source, which nobody installed
        ours = "not installed"
    return {
        "customer-groups": ours,
        "Python": platform.python_version(),
        "Hypothesis": hypothesis.__version__,
    }
