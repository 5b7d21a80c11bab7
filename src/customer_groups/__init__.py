"""Customer groups for ERP, order and warehouse systems.

The names that a host needs every day. Adapters are imported from their own path,
``customer_groups.adapters.sql`` for one, and single errors from `customer_groups.errors`.
"""

import importlib
import typing

from customer_groups.codes import (
    CodeGenerator,
    GroupCode,
    RandomCodes,
    SequentialCodes,
    parse_group_code,
)
from customer_groups.customers import (
    Customer,
    CustomerCode,
    CustomerDirectory,
    CustomerKey,
    CustomerQuery,
)
from customer_groups.errors import CustomerGroupsError
from customer_groups.model import CustomerGroup, GroupStatus, Membership
from customer_groups.outcomes import Outcome, OutcomeCounts
from customer_groups.paging import Page
from customer_groups.query import GroupOrder, GroupQuery, GroupSummary
from customer_groups.repository import GroupRepository, GroupStore, UnitOfWork
from customer_groups.searching import (
    GroupMember,
    get_group,
    list_customers,
    search_customers,
    search_groups,
)
from customer_groups.service import (
    MembersChange,
    activate_group,
    add_customers,
    change_attributes,
    create_group,
    deactivate_group,
    delete_group,
    remove_customers,
    rename_group,
    set_customers,
)
from customer_groups.text import TextMatch, contains, equals, starts_with

if typing.TYPE_CHECKING:
    from customer_groups.converters import make_converter
    from customer_groups.exporting import export_customers, export_groups
    from customer_groups.importing import (
        ImportReport,
        import_customers,
        import_groups,
        import_into,
        undo_import,
    )

__all__ = [
    "CodeGenerator",
    "Customer",
    "CustomerCode",
    "CustomerDirectory",
    "CustomerGroup",
    "CustomerGroupsError",
    "CustomerKey",
    "CustomerQuery",
    "GroupCode",
    "GroupMember",
    "GroupOrder",
    "GroupQuery",
    "GroupRepository",
    "GroupStatus",
    "GroupStore",
    "GroupSummary",
    "ImportReport",
    "MembersChange",
    "Membership",
    "Outcome",
    "OutcomeCounts",
    "Page",
    "RandomCodes",
    "SequentialCodes",
    "TextMatch",
    "UnitOfWork",
    "activate_group",
    "add_customers",
    "change_attributes",
    "contains",
    "create_group",
    "deactivate_group",
    "delete_group",
    "equals",
    "export_customers",
    "export_groups",
    "get_group",
    "import_customers",
    "import_groups",
    "import_into",
    "list_customers",
    "make_converter",
    "parse_group_code",
    "remove_customers",
    "rename_group",
    "search_customers",
    "search_groups",
    "set_customers",
    "starts_with",
    "undo_import",
]

# Files take as long to load as all the rest, and most processes of a host never touch one.
_LOADED_WHEN_USED = {
    "ImportReport": "importing",
    "export_customers": "exporting",
    "export_groups": "exporting",
    "import_customers": "importing",
    "import_groups": "importing",
    "import_into": "importing",
    "make_converter": "converters",
    "undo_import": "importing",
}


def __getattr__(name: str) -> object:
    if name not in _LOADED_WHEN_USED:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module = importlib.import_module(f"{__name__}.{_LOADED_WHEN_USED[name]}")
    return getattr(module, name)
