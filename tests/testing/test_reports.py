"""Reports of checks can be read, and published as Markdown."""

import inspect
import re

from hypothesis import example, given
from hypothesis import strategies as st

from customer_groups.testing import ConformanceReport, GroupRepositoryContract
from customer_groups.testing.contracts.guarding import rules_of
from customer_groups.testing.reports import Rule, RuleOutcome, RuleResult

NUMBERS = Rule("test_numbers", "numbers count.", "they do not.", "let `them` count.")
NAMES = Rule("test_names", "names are names.", "they are codes.", "call them names.")
FAILED = RuleResult(NUMBERS, RuleOutcome.FAILED, "one\n\n  two", "storage = 1\nfail(storage)")
DEVIATING = RuleResult(NAMES, RuleOutcome.DEVIATES, "see <issue #3>,\nsince *2024*", "x = 1")
SKIPPED = [
    RuleResult(NUMBERS, RuleOutcome.SKIPPED, "define audit(self, storage)"),
    RuleResult(NAMES, RuleOutcome.SKIPPED, "define audit(self, storage)"),
    RuleResult(NAMES, RuleOutcome.SKIPPED, "no server"),
]
PASSED = RuleResult(NAMES, RuleOutcome.PASSED)
VERSIONS = {"customer-groups": "1.0", "Python": "3.13.0"}


def report_of(*results: RuleResult) -> ConformanceReport:
    """Return a report of these results."""
    return ConformanceReport("Store", "quick", VERSIONS, 2.345, results)


def test_results_are_told_apart() -> None:
    """Each result is in the list of its outcome, in the order of the check."""
    report = report_of(PASSED, *SKIPPED, FAILED, DEVIATING)

    assert report.passed == (PASSED,)
    assert report.failed == (FAILED,)
    assert report.skipped == tuple(SKIPPED)
    assert report.deviating == (DEVIATING,)


def test_a_failure_spoils_the_report() -> None:
    """It is good if rules are kept and none fails."""
    assert report_of(PASSED, DEVIATING, *SKIPPED).ok
    assert not report_of(PASSED, FAILED).ok
    assert not report_of(DEVIATING, *SKIPPED).ok
    assert not report_of().ok


def test_a_report_is_read_from_the_top() -> None:
    """The sum comes first, then each failure with all there is to know, then the rest."""
    report = report_of(PASSED, FAILED, DEVIATING, *SKIPPED)

    assert str(report) == (
        "Store: failed (1 passed, 1 failed, 3 skipped, 1 deviates)\n"
        "profile quick, 2.3 s, customer-groups 1.0, Python 3.13.0\n"
        "\n"
        "FAILED test_numbers\n"
        "  Rule: numbers count.\n"
        "  Usual cause: they do not.\n"
        "  Fix: let `them` count.\n"
        "  Reason:\n"
        "    one\n"
        "\n"
        "      two\n"
        "  Reproducer:\n"
        "    storage = 1\n"
        "    fail(storage)\n"
        "\n"
        "DEVIATES test_names\n"
        "    see <issue #3>,\n"
        "    since *2024*\n"
        "\n"
        "SKIPPED test_numbers, test_names\n"
        "    define audit(self, storage)\n"
        "\n"
        "SKIPPED test_names\n"
        "    no server"
    )


def test_a_good_report_is_short() -> None:
    """Where all rules are kept, two lines say so."""
    assert str(report_of(PASSED)) == (
        "Store: passed (1 passed, 0 failed, 0 skipped, 0 deviates)\n"
        "profile quick, 2.3 s, customer-groups 1.0, Python 3.13.0"
    )


HEAD = """\
# Conformance of `Store`

|  |  |
|---|---|
| result | **{result}** |
| profile | quick |
| duration | 2.3 s |
| customer-groups | 1.0 |
| Python | 3.13.0 |

| outcome | rules |
|---|---|
| passed | {passed} |
| failed | {failed} |
| skipped | {skipped} |
| deviates | {deviates} |
"""

DETAILS = r"""
## Failed

### `test_numbers`

**Rule:** numbers count.

**Usual cause:** they do not.

**Fix:** let `them` count.

**Reason:**

```text
one

  two
```

**Reproducer:**

```python
storage = 1
fail(storage)
```

## Known deviations

- `test_names`: see \<issue \#3\>, since \*2024\*

## Skipped

- define audit(self, storage): `test_numbers`, `test_names`

- no server: `test_names`
"""


def test_markdown_has_a_section_for_each_outcome() -> None:
    """Tables say the sum; failures stand in full, deviations and skipped layers with reasons."""
    report = report_of(PASSED, FAILED, DEVIATING, *SKIPPED)

    head = HEAD.format(result="failed", passed=1, failed=1, skipped=3, deviates=1)
    assert report.markdown() == head + DETAILS


def test_markdown_has_no_empty_section() -> None:
    """Where all rules are kept, the tables are the report."""
    head = HEAD.format(result="passed", passed=1, failed=0, skipped=0, deviates=0)
    assert report_of(PASSED).markdown() == head


@given(st.text("`~\n a<|*#"))
@example("```\n# no heading\n````")
def test_no_value_ends_its_block(text: str) -> None:
    """Whatever a reason holds, it stands between two fences that it does not hold itself."""
    lines = report_of(RuleResult(NAMES, RuleOutcome.FAILED, text, text)).markdown().split("\n")

    for label, language in (("**Reason:**", "text"), ("**Reproducer:**", "python")):
        begin = lines.index(label) + 2
        fence = lines[begin].removesuffix(language)
        end = begin + 1 + text.count("\n") + 1
        assert re.fullmatch("`{3,}", fence)
        assert "\n".join(lines[begin + 1 : end]) == text
        assert lines[end] == fence
        assert fence not in text


@given(st.text("`~\n a<|*#_[$&\\"))
def test_no_reason_is_markup(text: str) -> None:
    """The reason of a deviation stays on its line, with no character that means something."""
    markdown = report_of(RuleResult(NAMES, RuleOutcome.DEVIATES, text)).markdown()

    [line] = [line for line in markdown.split("\n") if line.startswith("- ")]
    shown = line.removeprefix("- `test_names`: ")
    assert re.fullmatch(r"(?:[a ]|\\[`~<|*#_\[$&\\])*", shown)
    assert re.sub(r"\\(.)", r"\1", shown) == " ".join(text.split())


def test_the_words_of_the_kit_are_markdown() -> None:
    """Rules are shown as they stand: what means something to Markdown is in code."""
    for name, rule in rules_of(GroupRepositoryContract).items():
        prose = re.sub(r"(`+).+?\1", "", inspect.getdoc(rule) or "", flags=re.DOTALL)
        assert re.search(r"[\\`*_\[\]<>|~$]", prose) is None, name
