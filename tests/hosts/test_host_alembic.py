"""A host whose migrations Alembic writes: ours is one of them, and none is proposed for us."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import SCHEMA_VERSION, build_tables, migrate, schema_version
from engines import ENGINES, new_engine
from pages import write_files
from servers import unavailable

INI = """
[alembic]
script_location = %(here)s
prepend_sys_path = %(here)s
path_separator = os
"""

FIRST_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table("customer", sa.Column("code", sa.String(20), primary_key=True))
"""

ANOTHER_COLUMN = 'CUSTOMERS.append_column(sa.Column("note", sa.String(7)))\n'

ENVIRONMENT = """
import os

import sqlalchemy as sa
from alembic import context

from models import METADATA

with sa.create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a host that uses Alembic, as our documentation shows it."""
    if find_spec("alembic") is None:
        unavailable("no Alembic: python -m pip install alembic")
    write_files("how-to/migrate-the-schema.md", tmp_path)
    (tmp_path / "alembic.ini").write_text(INI)
    (tmp_path / "env.py").write_text(ENVIRONMENT)
    (tmp_path / "versions" / "1_customers.py").write_text(FIRST_REVISION)
    return tmp_path


def alembic(project: Path, engine: sa.Engine, *command: str) -> str:
    """Run a command of Alembic in the project of a host, and return what it says."""
    url = engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "alembic", *command],
        cwd=project,
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("name", ENGINES)
def test_alembic_proposes_nothing_for_our_tables(name: str, project: Path) -> None:
    """After a revision that calls migrate(), only changes of the host's own are proposed."""
    with new_engine(name, project) as engine:
        assert alembic(project, engine, "upgrade", "head") == ""
        with engine.begin() as connection:
            tables = build_tables(sa.MetaData())
            assert schema_version(connection, tables) == SCHEMA_VERSION
        assert "No new upgrade operations" in alembic(project, engine, "check")

        with (project / "models.py").open("a") as models:
            models.write(ANOTHER_COLUMN)
        proposed = alembic(project, engine, "check")
        assert "detected: [('add_column', None, 'customer', Column('note'" in proposed
        assert "cg_" not in proposed


@pytest.mark.parametrize("name", ENGINES)
def test_nothing_is_proposed_in_a_schema_with_a_naming_convention(name: str, project: Path) -> None:
    """Names of the host's choice change what is compared, and not the result."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  optional
    from alembic.migration import MigrationContext  # noqa: PLC0415  optional

    schema = f"erp_{os.urandom(4).hex()}"
    convention = {"pk": "pk_%(table_name)s", "uq": "uq_%(column_0_N_name)s"}
    with new_engine(name, project) as engine, engine.begin() as connection:
        create = "ATTACH ':memory:' AS" if name == "sqlite" else "CREATE SCHEMA"
        connection.exec_driver_sql(f"{create} {schema}")
        metadata = sa.MetaData(schema=schema, naming_convention=convention)
        migrate(connection, build_tables(metadata, prefix="shop_"))
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == schema,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
