"""A module of Tryton that creates our tables: the one that our documentation shows."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa

from customer_groups.adapters.sql import SCHEMA_VERSION, build_tables, schema_version
from pages import write_files
from servers import unavailable

UPDATE = """
import sys

from trytond import backend
from trytond.pool import Pool

from party import Party

Pool.start()
Pool.register(Party, module="party", type_="model")
backend.Database(sys.argv[1]).connect().init()
Pool(sys.argv[1]).init(update=["party"], activatedeps=True)
"""


def test_a_module_of_tryton_creates_the_tables(tmp_path: Path) -> None:
    """Our tables are there as soon as the module is activated."""
    if find_spec("trytond") is None or find_spec("trytond.modules.party") is None:
        unavailable("no Tryton: python -m pip install --group hosts")
    write_files("how-to/migrate-the-schema.md", tmp_path)
    database = tmp_path / "erp.sqlite"
    database.touch()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        "TRYTOND_DATABASE__PATH": str(tmp_path),
        "TRYTOND_DATABASE__URI": "sqlite://",
    }
    command = [sys.executable, "-c", UPDATE, database.stem]
    subprocess.run(command, env=environment, timeout=120, check=True)

    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        assert schema_version(connection, build_tables(sa.MetaData())) == SCHEMA_VERSION
    engine.dispose()
