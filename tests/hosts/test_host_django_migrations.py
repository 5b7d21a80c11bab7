"""A migration of Django that creates our tables: the one that our documentation shows."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

from customer_groups.adapters.sql import SCHEMA_VERSION, build_tables, schema_version
from engines import MARIADB, POSTGRESQL, new_engine
from pages import write_files
from servers import unavailable

SETTINGS = """
import json
import os

DATABASES = {"default": json.loads(os.environ["DATABASE"])}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["shop"]
"""

FIRST_MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Party", [("code", models.CharField(max_length=20, unique=True))])
    ]
"""

BACKENDS = {"sqlite": "sqlite3", "postgresql": "postgresql", "mariadb": "mysql"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a host that uses Django, as our documentation shows it."""
    if find_spec("django") is None:
        unavailable("no Django: python -m pip install --group hosts")
    write_files("how-to/migrate-the-schema.md", tmp_path)
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "migrations" / "__init__.py").touch()
    (tmp_path / "shop" / "migrations" / "0001_initial.py").write_text(FIRST_MIGRATION)
    return tmp_path


def django(project: Path, engine: sa.Engine, *command: str) -> str:
    """Run a command of Django in the project of a host, and return what it says."""
    url = engine.url
    database = {
        "ENGINE": f"django.db.backends.{BACKENDS[engine.dialect.name]}",
        "NAME": url.database,
        "USER": url.username,
        "HOST": url.query.get("host") or url.query.get("unix_socket"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "django", *command],
        cwd=project,
        env={
            **os.environ,
            "DATABASE": json.dumps(database),
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": os.pathsep.join([str(project), *sys.path]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("name", ["sqlite", *POSTGRESQL[:1], *MARIADB[:1]])
def test_a_migration_of_django_creates_the_tables(name: str, project: Path) -> None:
    """Django records the migration, and has nothing to say about our tables afterwards."""
    if name in MARIADB and find_spec("MySQLdb") is None:
        unavailable("no mysqlclient: python -m pip install --group hosts")
    with new_engine(name, project) as engine:
        assert "shop.0002_customer_groups... OK" in django(project, engine, "migrate")
        with engine.begin() as connection:
            tables = build_tables(sa.MetaData())
            assert schema_version(connection, tables) == SCHEMA_VERSION
        assert "No migrations to apply" in django(project, engine, "migrate")
