"""Groups kept in a database, through SQLAlchemy Core."""

from customer_groups.adapters.sql.customer_table import CustomerTable, SqlCustomerDirectory
from customer_groups.adapters.sql.embedded import EmbeddedGroupStore, load_customers, open_store
from customer_groups.adapters.sql.hosted import hosted_connection
from customer_groups.adapters.sql.migrations import migrate
from customer_groups.adapters.sql.repository import SqlGroupRepository
from customer_groups.adapters.sql.schema import create_schema, ddl, schema_version
from customer_groups.adapters.sql.store import SqlGroupStore, SqlStorage, SqlUnitOfWork
from customer_groups.adapters.sql.tables import SCHEMA_VERSION, GroupTables, build_tables
from customer_groups.adapters.sql.verifying import Fault, FaultKind, verify

__all__ = [
    "SCHEMA_VERSION",
    "CustomerTable",
    "EmbeddedGroupStore",
    "Fault",
    "FaultKind",
    "GroupTables",
    "SqlCustomerDirectory",
    "SqlGroupRepository",
    "SqlGroupStore",
    "SqlStorage",
    "SqlUnitOfWork",
    "build_tables",
    "create_schema",
    "ddl",
    "hosted_connection",
    "load_customers",
    "migrate",
    "open_store",
    "schema_version",
    "verify",
]
