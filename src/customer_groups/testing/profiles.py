"""How long the kit looks for faults."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs
from hypothesis import HealthCheck, Phase, settings

__all__ = ["PROFILES", "Profile", "ProfileName"]

ProfileName: TypeAlias = Literal["quick", "standard", "deep"]


@attrs.frozen
class Profile:
    """How long the kit looks for faults.

    Attributes:
        examples: How many programs the state machine makes.
        steps: How many steps each of them has at most.
        longest_list: How many customers the longest list has.
        rounds: How often units of work race each other; half as often if it takes too long.
        fault_points: At how many points of a call the storage fails, spread over all of
            them; those around the commit come on top.
        processes: Whether they race in processes, too, and not in threads only.
    """

    examples: int
    steps: int
    longest_list: int
    rounds: int
    fault_points: int
    processes: bool = False

    def hypothesis_settings(self, current: settings) -> settings:
        """Return settings of Hypothesis, with these numbers.

        Explaining a failing program takes many times as long as shortening it and says less;
        of several failures the shortest comes first.
        """
        phases = [phase for phase in current.phases if phase is not Phase.explain]
        return settings(
            current,
            max_examples=self.examples,
            stateful_step_count=self.steps,
            deadline=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )


PROFILES: Mapping[ProfileName, Profile] = {
    "quick": Profile(examples=10, steps=10, longest_list=5_000, rounds=5, fault_points=1),
    "standard": Profile(examples=40, steps=15, longest_list=35_000, rounds=20, fault_points=200),
    "deep": Profile(
        examples=250,
        steps=30,
        longest_list=100_000,
        rounds=60,
        fault_points=200,
        processes=True,
    ),
}
"""For every run of the tests, for a pull request, and for a release, by name."""
