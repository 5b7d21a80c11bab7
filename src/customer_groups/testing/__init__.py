"""What integrators test with: strategies for our values, and checks for their adapters."""

from customer_groups.testing.checking import check_repository, contract_of
from customer_groups.testing.contracts import CustomerDirectoryContract, GroupRepositoryContract
from customer_groups.testing.layers import Adapter, MayFail, RawCounts
from customer_groups.testing.machine import GroupRepositoryMachine
from customer_groups.testing.reports import ConformanceReport, Rule, RuleOutcome, RuleResult

__all__ = [
    "Adapter",
    "ConformanceReport",
    "CustomerDirectoryContract",
    "GroupRepositoryContract",
    "GroupRepositoryMachine",
    "MayFail",
    "RawCounts",
    "Rule",
    "RuleOutcome",
    "RuleResult",
    "check_repository",
    "contract_of",
]
