"""A MariaDB of our own: on a unix socket, in a folder that goes with it."""

import functools
import os
import shutil
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

__all__ = [
    "FAST",
    "MariaDBServer",
    "create_database",
    "find_program",
    "install_database",
    "mariadb",
    "query",
]

DEFAULT_DATABASE = "app"

# What it holds need not outlive it. Isolation level and SQL mode stay the defaults.
FAST = (
    "--innodb-buffer-pool-size=128M",
    "--innodb-doublewrite=0",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-log-file-size=16M",
)


@attrs.frozen
class MariaDBServer:
    """A running MariaDB."""

    folder: Path

    @property
    def socket(self) -> Path:
        """Return the unix socket that it listens on."""
        return self.folder / "socket"

    def url(self, driver: str, database: str = DEFAULT_DATABASE) -> sa.URL:
        """Return the address of a database through a driver.

        Args:
            driver: "pymysql" or "mysqldb".
            database: its name.
        """
        require_driver(driver)
        return sa.URL.create(
            f"mariadb+{driver}",
            username="root",
            database=database,
            query={"unix_socket": str(self.socket), "charset": "utf8mb4"},
        )

    def new_database(self) -> str:
        """Create an empty database in UTF-8, and return its name."""
        name = new_name()
        create_database(self.socket, name)
        return name


@functools.cache
def mariadb() -> MariaDBServer:
    """Return the MariaDB of this process, started on first use."""
    program = find_program("mariadbd")
    folder = new_folder("my")
    at_the_end(functools.partial(shutil.rmtree, folder))
    server = MariaDBServer(folder)
    install_database(folder / "data")
    daemon = Daemon.start(
        program,
        "--no-defaults",
        *root_if_root(),
        f"--datadir={folder / 'data'}",
        f"--socket={server.socket}",
        f"--pid-file={folder / 'pid'}",
        f"--tmpdir={folder}",  # a server that starts removes the tables of others from /tmp
        "--skip-networking",
        "--character-set-server=utf8mb4",
        *FAST,
        log=folder / "log",
    )
    at_the_end(daemon.stop)
    daemon.wait_until(server.socket.exists)
    create_database(server.socket, DEFAULT_DATABASE)
    return server


def find_program(name: str) -> Path:
    """Return a program of MariaDB; servers stand where only root looks."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        unavailable("no MariaDB: apt-get install mariadb-server")
    return Path(found)


def root_if_root() -> tuple[str, ...]:
    """Return what makes a server run as root, where the tests do; it refuses unless told."""
    return ("--user=root",) if os.geteuid() == 0 else ()


def install_database(data: Path) -> None:
    """Fill the folder of a new server; its root needs no password."""
    run(
        find_program("mariadb-install-db"),
        "--no-defaults",
        *root_if_root(),
        f"--datadir={data}",
        f"--tmpdir={data.parent}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        *FAST,
    )


def create_database(socket: Path, name: str) -> None:
    """Create an empty database in UTF-8."""
    query(socket, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")


def query(socket: Path, statements: str) -> str:
    """Run statements as root through a socket, and return the rows as text."""
    return run(
        find_program("mariadb"),
        "--no-defaults",
        "--user=root",
        f"--socket={socket}",
        "--batch",
        "--skip-column-names",
        f"--execute={statements}",
    )
