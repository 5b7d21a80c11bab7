"""What the servers of the tests have in common: how each is found, started, awaited and stopped."""

import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import attrs
import pytest

__all__ = [
    "Daemon",
    "at_the_end",
    "new_folder",
    "new_name",
    "require_driver",
    "run",
    "stop_servers",
    "unavailable",
]

PATIENCE = 60
"""How many seconds a server may take to start or to stop; a busy machine is slow."""

DRIVERS = {
    "asyncpg": ("asyncpg", "asyncpg"),
    "mysqldb": ("MySQLdb", "mysqlclient"),
    "psycopg": ("psycopg", "psycopg[binary]"),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "pymysql": ("pymysql", "pymysql"),
}
"""The module of each driver, and what to install for it."""


def unavailable(reason: str) -> NoReturn:
    """Skip the test that runs, because the machine lacks something; in CI, fail it.

    Args:
        reason: what is missing, and the command that gets it.
    """
    __tracebackhide__ = True
    if "CI" in os.environ:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require_driver(name: str) -> None:
    """Skip the test that runs unless the driver that SQLAlchemy calls by this name is there."""
    module, package = DRIVERS[name]
    if find_spec(module) is None:
        unavailable(f'no {module}: python -m pip install "{package}"')


def new_folder(prefix: str) -> Path:
    """Make a folder for a server, with a short name: the path of a socket has 107 bytes."""
    return Path(tempfile.mkdtemp(prefix=prefix))


def new_name() -> str:
    """Return a name for a database that no other process draws, either."""
    return f"test_{os.urandom(6).hex()}"


def run(*command: str | Path) -> str:
    """Run a command to its end, and return what it printed.

    Raises:
        RuntimeError: it failed; the message has what it said.
    """
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}")
    return done.stdout


def at_the_end(stop: Callable[[], None]) -> None:
    """Call this when the tests of this process are over."""
    _stops(os.getpid()).callback(stop)


def stop_servers() -> None:
    """Stop the servers that this process has started; those of its parent are not its own."""
    _stops(os.getpid()).close()


@functools.cache
def _stops(process: int) -> ExitStack:  # noqa: ARG001 - it is the key of the cache
    return ExitStack()


@functools.cache
def _tied_to_parent(stops_with: signal.Signals) -> tuple[str, ...]:
    """Return what makes a command stop when its parent is gone, however that ended."""
    setpriv = shutil.which("setpriv")
    return () if setpriv is None else (setpriv, "--pdeathsig", stops_with.name.removeprefix("SIG"))


@attrs.frozen(eq=False)
class Daemon:
    """A server process of ours, in the background."""

    process: subprocess.Popen[bytes]
    log: Path
    stops_with: signal.Signals

    @classmethod
    def start(
        cls,
        *command: str | Path,
        log: Path,
        stops_with: signal.Signals = signal.SIGTERM,
        user: str | None = None,
    ) -> "Daemon":
        """Start a server that writes to a log, as another user if one is given.

        Its session is its own, so that Ctrl-C reaches the tests only, which then stop it.
        """
        with log.open("ab") as output:
            process = subprocess.Popen(
                (*_tied_to_parent(stops_with), *command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        return cls(process, log, stops_with)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until the server is ready.

        Raises:
            RuntimeError: it ended or took too long; the message has the end of its log.
        """
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                end_of_log = self.log.read_text(errors="replace")[-4_000:]
                raise RuntimeError(f"{self.log} shows a server that is not ready:\n{end_of_log}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Let the server shut down cleanly; end it if it does not."""
        self.process.send_signal(self.stops_with)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        self.process.kill()
        self.process.wait()
