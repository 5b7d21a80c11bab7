"""What the rules about the outcomes of lists have in common."""

from collections.abc import Iterable, Sequence

from customer_groups.codes import GroupCode
from customer_groups.outcomes import Entry, Outcome
from customer_groups.repository import GroupRepository
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import NOON, A, group, join, lines, member_keys

__all__ = ["OutcomeRules", "Told", "outcomes_of", "told_by"]


Told = list[tuple[int, str, str]]
"""Line, value and outcome, in the order in which they were told."""


def told_by(
    groups: GroupRepository,
    method: str,
    code: GroupCode,
    entries: Iterable[Entry],
    *,
    by_key: bool = False,
) -> Told:
    """Change the members of a group by a list, and return what ``on_outcome`` was told."""
    told: Told = []

    def listen(line: int, value: str, outcome: Outcome) -> None:
        told.append((line, value, outcome.value))

    change = getattr(groups, method)
    change(code, entries, at=NOON, by="bert", by_key=by_key, on_outcome=listen)
    return told


def outcomes_of(
    groups: GroupRepository,
    code: GroupCode,
    values: Sequence[str],
    *,
    by_key: bool = False,
    method: str = "add_members",
) -> list[str]:
    """Change the members of a group, and return the outcome of each value, in their order."""
    entries = lines(*values)
    told = told_by(groups, method, code, entries, by_key=by_key)
    outcomes = {line: outcome for line, _, outcome in told}
    success = Outcome.REMOVED if method == "remove_members" else Outcome.ADDED
    return [outcomes.get(line, success.value) for line, _ in entries]


class OutcomeRules(RepositoryRules):
    """Lists whose values are told apart by their outcomes."""

    def _expect_outcomes(
        self,
        values: str,
        outcomes: str,
        members: str,
        *,
        before: Sequence[str] = (),
        by_key: bool = False,
    ) -> None:
        """Add values, separated by spaces, to a group that has members already."""
        with self._groups() as groups:
            groups.add(group())
            join(groups, A, *before)
            came = outcomes_of(groups, A, values.split(), by_key=by_key)
            kind = "keys" if by_key else "codes"
            expect(f"the outcomes of the {kind} {values}", came, outcomes.split())
            expect("the members afterwards", member_keys(groups, A), members.split())
