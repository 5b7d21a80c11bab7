"""Racers start together, come to an end, and say where they are stuck if they do not."""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.repository import GroupStore
from customer_groups.testing import racers
from customer_groups.testing.racers import (
    CannotStartError,
    RacerLostError,
    StuckError,
    processes,
    threads,
)


def new_store() -> InMemoryGroupStore:
    """Return a store on a storage of its own."""
    return InMemoryGroupStore(InMemoryStorage(), "north")


def who(_store: GroupStore) -> tuple[int, int]:
    """Return the process and the thread."""
    return os.getpid(), threading.get_ident()


def fail(_store: GroupStore) -> None:
    """Fail as no store may."""
    raise KeyError("what nobody expected")


def die(_store: GroupStore) -> None:
    """End the process."""
    os._exit(1)


def cannot_open() -> GroupStore:
    """Fail to open a store."""
    raise OSError("no such file")


class Unreadable:
    """What can be pickled, but not unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return sys.exit, ("on purpose",)

    def __call__(self) -> GroupStore:
        """Open a store."""
        return new_store()


def test_racers_are_threads_or_processes() -> None:
    """Each racer is a thread, or a process, of its own, race after race."""
    with threads([new_store, new_store]) as team:
        first, again = team.race([who, who]), team.race([who, who])
    assert first == again
    assert {process for process, _ in first} == {os.getpid()}
    assert len({thread for _, thread in first} | {threading.get_ident()}) == 3
    with processes([new_store, new_store]) as team:
        first, again = team.race([who, who]), team.race([who, who])
    assert first == again
    assert len({process for process, _ in first} | {os.getpid()}) == 3


def test_answers_stand_in_the_order_of_the_tasks() -> None:
    """Who is first does not matter."""
    with threads([new_store] * 3) as team:
        answers = team.race([partial(nap, seconds) for seconds in (0.02, 0.0, 0.01)])
    assert answers == [0.02, 0.0, 0.01]


def nap(seconds: float, _store: GroupStore) -> float:
    """Take a nap, and return how long."""
    time.sleep(seconds)
    return seconds


def test_racers_start_together() -> None:
    """Every racer is at work before any of them comes to an end."""
    with threads([new_store] * 3) as team:
        for _ in range(5):
            team.race([partial(meet, threading.Barrier(3))] * 3)


def meet(barrier: threading.Barrier, _store: GroupStore) -> None:
    """Wait for the others."""
    barrier.wait(timeout=5)


def test_threads_take_turns_more_often() -> None:
    """While threads race they switch often; afterwards as before."""
    usual = sys.getswitchinterval()
    with threads([new_store]):
        assert sys.getswitchinterval() < usual
    assert sys.getswitchinterval() == usual


@pytest.mark.parametrize("start", [threads, processes])
def test_exceptions_are_shown(start: Callable[..., AbstractContextManager[racers.Team]]) -> None:
    """What a racer raises is told with its traceback, and the others go home."""
    said = r"no store raises(.|\n)*in fail(.|\n)*KeyError"
    with pytest.raises(AssertionError, match=said), start([new_store, new_store]) as team:
        team.race([who, fail])


def test_a_store_that_cannot_be_opened_is_shown() -> None:
    """Opening a store may fail like anything else."""
    with pytest.raises(AssertionError, match="no such file"), threads([new_store, cannot_open]):
        pytest.fail("nobody starts")


def test_a_process_may_die() -> None:
    """A process that is gone is noticed at once."""
    said = "racer 1 ended without an answer; its process died"
    with pytest.raises(RacerLostError, match=said), processes([new_store, new_store]) as team:
        team.race([who, die])


@pytest.mark.parametrize(
    ("open_store", "said"),
    [
        (lambda: None, "pickle"),
        (Unreadable(), "its process died; it could not import what it needs"),
    ],
)
def test_what_cannot_be_sent_cannot_start(open_store: Callable[[], GroupStore], said: str) -> None:
    """A store that cannot be opened in another process is told apart from one that fails."""
    with pytest.raises(CannotStartError, match=said), processes([open_store]):
        pytest.fail("nobody starts")


def test_who_is_stuck_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Racers who wait for each other end the race, and one sees where they stand."""
    monkeypatch.setattr(racers, "SECONDS_TO_WAIT", 0.2)
    monkeypatch.setattr(racers, "SECONDS_TO_LEAVE", 0.1)
    closed = threading.Event()
    said = r"1 of 2 users(.|\n)*racer 1 stands here:(.|\n)*\.wait\("
    with pytest.raises(StuckError, match=said), threads([new_store, new_store]) as team:
        team.race([who, lambda _store: closed.wait()])
    closed.set()


def test_a_stuck_process_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a process one sees no more than its number."""
    with processes([new_store]) as team:
        monkeypatch.setattr(racers, "SECONDS_TO_WAIT", 0.2)
        with pytest.raises(StuckError, match=r"racer 0: process \d+"):
            team.race([partial(nap, 0.6)])
