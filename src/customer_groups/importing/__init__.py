"""From lists of customers, in whatever form they come, to the members of groups."""

from customer_groups.files.reading import Detected
from customer_groups.importing.customers import (
    ImportOptions,
    PlanOptions,
    import_customers,
    import_into,
)
from customer_groups.importing.groups.importing import (
    GroupsOptions,
    import_groups,
    import_groups_into,
)
from customer_groups.importing.groups.report import GroupCounts, GroupsReport
from customer_groups.importing.modes import ImportMode
from customer_groups.importing.plans import ImportPlan, apply_plan, plan_import
from customer_groups.importing.report import ImportReport
from customer_groups.importing.undo import UndoReport, undo_import

__all__ = [
    "Detected",
    "GroupCounts",
    "GroupsOptions",
    "GroupsReport",
    "ImportMode",
    "ImportOptions",
    "ImportPlan",
    "ImportReport",
    "PlanOptions",
    "UndoReport",
    "apply_plan",
    "import_customers",
    "import_groups",
    "import_groups_into",
    "import_into",
    "plan_import",
    "undo_import",
]
