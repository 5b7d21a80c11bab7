"""A line to a database server that can be cut, at the worst moment."""

import enum
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

__all__ = ["Cut", "Proxy", "proxy_to"]

LOOPBACK = "127.0.0.1"
AT_A_TIME = 65_536  # bytes


class Cut(enum.Enum):
    """When the line is cut: the server has not got the word, or has obeyed it."""

    BEFORE = enum.auto()
    AFTER = enum.auto()


class Proxy:
    """Passes on what clients and a server say to each other, until it is to cut the line.

    Attributes:
        port: Where clients connect, on loopback.
    """

    def __init__(self, target: Path) -> None:
        """Listen for clients of the server behind a unix socket."""
        self._target = target
        self._listening = socket.create_server((LOOPBACK, 0))
        self._waking, self._woken = socket.socketpair()
        self._threads = [threading.Thread(target=self._accept)]
        self._word = b""
        self._cut = Cut.BEFORE
        self.port: int = self._listening.getsockname()[1]
        self._threads[0].start()

    def url(self, direct: sa.URL) -> sa.URL:
        """Return the address of a database by way of here."""
        query = {key: value for key, value in direct.query.items() if "/" not in value}
        return direct.set(host=LOOPBACK, port=self.port, query=query)

    def cut(self, when: Cut, word: bytes) -> None:
        """Cut the line of the next client that says a word."""
        self._cut, self._word = when, word

    def close(self) -> None:
        """Cut all lines, and let nobody connect any more."""
        self._waking.close()
        for thread in self._threads:
            thread.join()
        self._listening.close()
        self._woken.close()

    def _accept(self) -> None:
        while self._listening in select.select([self._listening, self._woken], [], [])[0]:
            client, _ = self._listening.accept()
            self._threads.append(threading.Thread(target=self._serve, args=[client]))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(ConnectionError):
            server.connect(str(self._target))
            is_open = True
            while is_open:
                readable, _, _ = select.select([client, server, self._woken], [], [])
                is_open = self._woken not in readable and all(
                    self._pass_on(source, server if source is client else client)
                    for source in readable
                )

    def _pass_on(self, source: socket.socket, target: socket.socket) -> bool:
        """Pass on what somebody said, and return whether the line is still there."""
        said = source.recv(AT_A_TIME)
        if not self._word or self._word not in said:
            target.sendall(said)
            return bool(said)
        self._word = b""
        if self._cut is Cut.AFTER:
            target.sendall(said)
            target.recv(1)  # the server answers when it is done
        return False


@contextmanager
def proxy_to(target: Path) -> Iterator[Proxy]:
    """Open a line to the server behind a unix socket."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
