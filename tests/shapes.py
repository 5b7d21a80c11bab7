"""Shapes of statements that a distributed database refuses, or answers wrongly in silence.

They were found on Citus; CockroachDB and YugabyteDB refuse some of them, too.
"""

import re
from collections.abc import Callable

__all__ = ["SHAPES", "TABLES", "normalized"]

TABLES = ("cg_group", "cg_membership", "cg_series", "cg_customer")
"""The tables that are spread by tenant."""

TEMPORARY = re.compile(r"\bcg_[0-9a-f]{12}_")
OURS = re.compile(rf"\b(?:{'|'.join(TABLES)})\b")
A_TENANT = re.compile(r"\.tenant = %\(")


def normalized(statement: str) -> str:
    """Return a statement on one line, with the same name for every temporary table of a kind."""
    return TEMPORARY.sub(f"cg_{'0' * 12}_", " ".join(statement.split()))


def finds(pattern: str) -> Callable[[str], bool]:
    """Return a function that finds a pattern in a statement, in capitals or not."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda statement: compiled.search(statement) is not None


def misses_the_tenant(statement: str) -> bool:
    """Find a use of a table that is not bound to the tenant, or to a table that is."""
    if any(uses(table, statement) > bindings(table, statement) for table in TABLES):
        return True
    is_used = any(uses(table, statement) for table in TABLES)
    return (is_used and not A_TENANT.search(statement)) or inserts_without_tenant(statement)


def uses(table: str, statement: str) -> int:
    """Return how often rows of a table are read, changed or deleted."""
    return len(re.findall(rf"(?:\bFROM|\bJOIN|\bUPDATE|,) {table}\b(?!\.)", statement))


def bindings(table: str, statement: str) -> int:
    """Return how often the tenant of a table is compared with a constant, or with another's."""
    return len(re.findall(rf"\b{table}\.tenant = (?:%\(|\w+\.tenant\b)", statement))


def inserts_without_tenant(statement: str) -> bool:
    """Find an insert into a table that does not begin with the tenant."""
    inserted = re.match(r"INSERT INTO (\w+) \((\w+)", statement)
    return inserted is not None and inserted[1] in TABLES and inserted[2] != "tenant"


def locks_several_tenants(statement: str) -> bool:
    """Find a locking read that does not name its tenant."""
    locks = re.search(r"\bFOR (?:NO KEY )?(?:UPDATE|(?:KEY )?SHARE)\b", statement)
    is_bound = A_TENANT.search(statement)
    return locks is not None and OURS.search(statement) is not None and is_bound is None


def looks_for_temporary_rows(statement: str) -> bool:
    """Find EXISTS between a temporary table and one of ours."""
    patterns = (re.compile(r"\bEXISTS \("), TEMPORARY, OURS)
    return all(pattern.search(statement) for pattern in patterns)


VOLATILE = (
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random"
    r"|nextval|gen_random_uuid|uuid_generate_v\w+)\(|\bCURRENT_(?:TIME|DATE)|\bLOCALTIME"
)

SHAPES: dict[str, Callable[[str], bool]] = {
    "no tenant": misses_the_tenant,
    "EXISTS with a temporary table": looks_for_temporary_rows,
    "a query in INSERT .. VALUES": finds(r"^INSERT .* VALUES .*\(\s*SELECT\b"),
    "a lock on several tenants": locks_several_tenants,
    "a volatile function": finds(VOLATILE),
    "a recursive query": finds(r"\bWITH RECURSIVE\b"),
    "a materialized query": finds(r"\bMATERIALIZED\b"),
    "a trigger": finds(r"\bCREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER\b"),
    "a foreign key": finds(r"\b(?:FOREIGN KEY|REFERENCES)\b"),
    "a new tenant": finds(r"^UPDATE \w+ SET (?:(?! WHERE ).)*\btenant ?="),
    "a column with its constraint": finds(r"\bADD COLUMN\b.*\b(?:CHECK|UNIQUE|REFERENCES)\b"),
}
"""What finds each shape in a statement."""
