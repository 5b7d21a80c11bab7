"""How a database of Citus is prepared; whether Citus then works, only a server of it can tell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import DISTRIBUTION, create_engine, distribute, new_database

PAGE = Path(__file__).parents[1] / "docs/explanation/scale.md"

# What is looked for and called, without what it does.
PRETENDED_CITUS = """\
CREATE TABLE called (statement text);
CREATE FUNCTION create_distributed_table(name text, by text, colocate_with text DEFAULT 'nothing')
RETURNS void LANGUAGE sql AS $$
INSERT INTO called VALUES (name || ' by ' || by || ' with ' || colocate_with)
$$;
SET allow_system_table_mods = on;
UPDATE pg_extension SET extname = 'citus' WHERE extname = 'plpgsql';
"""


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """Yield a connection to a new, empty PostgreSQL database."""
    engine = create_engine(new_database("psycopg"))
    with engine.begin() as connected:
        yield connected
    engine.dispose()


def test_plain_postgresql_is_left_alone(connection: sa.Connection) -> None:
    """Where the extension is not installed, nothing is distributed."""
    assert not distribute(connection)


def test_other_databases_are_left_alone() -> None:
    """Whatever does not speak the language of PostgreSQL is not asked for extensions."""
    with sa.create_engine("sqlite://").connect() as connection:
        assert not distribute(connection)


def test_citus_distributes_by_tenant(connection: sa.Connection) -> None:
    """Where the extension is installed, every table goes with the groups of its tenant."""
    connection.exec_driver_sql(PRETENDED_CITUS)
    assert distribute(connection)
    assert connection.scalars(sa.text("SELECT statement FROM called")).all() == [
        "cg_group by tenant with nothing",
        "cg_membership by tenant with cg_group",
        "cg_series by tenant with cg_group",
        "cg_customer by tenant with cg_group",
    ]


@pytest.mark.parametrize("statement", DISTRIBUTION)
def test_the_documentation_shows_what_is_tested(statement: str) -> None:
    """The page about scale tells to run the statements that the tests run."""
    assert f"{statement};" in PAGE.read_text(encoding="utf-8")
