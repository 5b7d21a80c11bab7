"""What the rules about customers who join a group have in common."""

from collections.abc import Sequence

from customer_groups.codes import GroupCode
from customer_groups.outcomes import Outcome
from customer_groups.repository import GroupRepository
from customer_groups.testing.contracts.base import RepositoryRules
from customer_groups.testing.contracts.expectations import expect
from customer_groups.testing.contracts.values import NOON, A, group, join, lines, member_keys

__all__ = ["OutcomeRules", "outcomes_of"]


def outcomes_of(
    groups: GroupRepository, code: GroupCode, values: Sequence[str], *, by_key: bool = False
) -> list[str]:
    """Add the values, and return the outcome of each, in their order."""
    told: dict[int, Outcome] = {}

    def listen(line: int, _value: str, outcome: Outcome) -> None:
        told[line] = outcome

    entries = lines(*values)
    groups.add_members(code, entries, at=NOON, by="bert", by_key=by_key, on_outcome=listen)
    return [told.get(line, Outcome.ADDED).value for line, _ in entries]


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
