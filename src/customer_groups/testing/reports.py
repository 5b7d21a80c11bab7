"""What a check of an adapter found, to be read and to be published."""

import enum
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import attrs

__all__ = ["ConformanceReport", "Rule", "RuleOutcome", "RuleResult"]

INDENT = "    "


class RuleOutcome(enum.Enum):
    """What became of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    DEVIATES = "deviates"


@attrs.frozen
class Rule:
    """A rule of the contract, in the words of the kit.

    Attributes:
        name: The test of the contract that checks it.
        demand: What it demands.
        usual_cause: Why an adapter usually breaks it.
        fix: What to do then.
    """

    name: str
    demand: str
    usual_cause: str
    fix: str


@attrs.frozen
class RuleResult:
    """What became of one rule.

    Attributes:
        rule: The rule.
        outcome: Whether it is kept.
        reason: What was expected and what came instead; for a rule that was skipped or is
            known to be broken, why. Empty where the rule is kept.
        reproducer: A short program that shows the failure; ``adapter`` stands in it for
            what the factory returns. Empty where nothing failed.
    """

    rule: Rule
    outcome: RuleOutcome
    reason: str = ""
    reproducer: str = ""


@attrs.frozen
class ConformanceReport:
    """What a check of an adapter found.

    ``str(report)`` is for reading, ``report.markdown()`` for publishing.

    Attributes:
        adapter: The name of the class that was checked.
        profile: How hard the check looked for faults.
        versions: The versions of this library, Python and Hypothesis, by name.
        duration: How long it took, in seconds.
        results: What became of each rule, in the order in which they were checked.
    """

    adapter: str
    profile: str
    versions: Mapping[str, str]
    duration: float
    results: tuple[RuleResult, ...]

    @property
    def passed(self) -> tuple[RuleResult, ...]:
        """The rules that are kept."""
        return self._with(RuleOutcome.PASSED)

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that are broken, or kept although a deviation is declared."""
        return self._with(RuleOutcome.FAILED)

    @property
    def skipped(self) -> tuple[RuleResult, ...]:
        """The rules of layers that the adapter does not opt into."""
        return self._with(RuleOutcome.SKIPPED)

    @property
    def deviating(self) -> tuple[RuleResult, ...]:
        """The rules that are broken, as the adapter declares."""
        return self._with(RuleOutcome.DEVIATES)

    @property
    def ok(self) -> bool:
        """Whether rules were checked, and none failed."""
        return bool(self.passed) and not self.failed

    def __str__(self) -> str:
        return "\n".join(_text(self))

    def markdown(self) -> str:
        """Return the report as Markdown, to publish with a release of the adapter."""
        return "\n\n".join(_sections(self)) + "\n"

    def _with(self, outcome: RuleOutcome) -> tuple[RuleResult, ...]:
        return tuple(result for result in self.results if result.outcome is outcome)


# As text


def _text(report: ConformanceReport) -> Iterator[str]:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in _counts(report).items())
    yield f"{report.adapter}: {_verdict(report)} ({counts})"
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    yield f"profile {report.profile}, {report.duration:.1f} s, {versions}"
    for result in report.failed:
        yield from _failure_text(result)
    for result in report.deviating:
        yield f"\nDEVIATES {result.rule.name}\n{_indented(result.reason)}"
    for reason, names in _by_reason(report.skipped).items():
        yield f"\nSKIPPED {', '.join(names)}\n{_indented(reason)}"


def _failure_text(result: RuleResult) -> Iterator[str]:
    rule = result.rule
    yield f"\nFAILED {rule.name}"
    yield f"  Rule: {rule.demand}\n  Usual cause: {rule.usual_cause}\n  Fix: {rule.fix}"
    yield f"  Reason:\n{_indented(result.reason)}"
    yield f"  Reproducer:\n{_indented(result.reproducer)}"


def _indented(text: str) -> str:
    return "\n".join(f"{INDENT}{line}".rstrip() for line in text.split("\n"))


# As Markdown


def _sections(report: ConformanceReport) -> Iterator[str]:
    yield f"# Conformance of {_code(report.adapter)}"
    facts = {
        "result": f"**{_verdict(report)}**",
        "profile": report.profile,
        "duration": f"{report.duration:.1f} s",
        **{name: _escaped(version) for name, version in report.versions.items()},
    }
    yield _table(("", ""), facts)
    yield _table(("outcome", "rules"), _counts(report))
    if report.failed:
        yield "## Failed"
    for result in report.failed:
        yield from _failure_sections(result)
    if report.deviating:
        yield "## Known deviations"
    for result in report.deviating:
        yield f"- {_code(result.rule.name)}: {_escaped(result.reason)}"
    if report.skipped:
        yield "## Skipped"
    for reason, names in _by_reason(report.skipped).items():
        yield f"- {_escaped(reason)}: {', '.join(map(_code, names))}"


def _failure_sections(result: RuleResult) -> Iterator[str]:
    rule = result.rule
    yield f"### {_code(rule.name)}"
    yield f"**Rule:** {rule.demand}"
    yield f"**Usual cause:** {rule.usual_cause}"
    yield f"**Fix:** {rule.fix}"
    yield f"**Reason:**\n\n{_fenced(result.reason, 'text')}"
    yield f"**Reproducer:**\n\n{_fenced(result.reproducer, 'python')}"


def _table(head: tuple[str, str], rows: Mapping[str, object]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in rows.items())])


def _fenced(text: str, language: str) -> str:
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _code(text: str) -> str:
    ticks = "`" * (_longest_ticks(text) + 1)
    return f"{ticks}{text}{ticks}"


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _escaped(text: str) -> str:
    """Return text that is all on one line, and means nothing to Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>&|~$#])", r"\\\1", " ".join(text.split()))


# As both


def _verdict(report: ConformanceReport) -> str:
    if report.failed:
        return "failed"
    return "passed" if report.ok else "nothing was checked"


def _counts(report: ConformanceReport) -> dict[str, int]:
    outcomes = [result.outcome for result in report.results]
    return {outcome.value: outcomes.count(outcome) for outcome in RuleOutcome}


def _by_reason(results: tuple[RuleResult, ...]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for result in results:
        names[result.reason].append(result.rule.name)
    return names
