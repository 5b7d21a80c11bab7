"""Racers start together, come to an end, and say where they are stuck if they do not."""

import multiprocessing
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest

from customer_groups.adapters.memory import InMemoryGroupStore, InMemoryStorage
from customer_groups.errors import DuplicateCodeError
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


def cannot_be_used() -> GroupStore:
    """Find out that there is nothing to open."""
    pytest.skip("no server here")


def open_slowly() -> GroupStore:
    """Open a store that takes its time."""
    time.sleep(0.3)
    return new_store()


def die_early() -> GroupStore:
    """End the process before there is a store."""
    os._exit(1)


def refuse(_store: GroupStore) -> list[Exception]:
    """Return an error that holds what no other process can use."""
    error = DuplicateCodeError("A")
    error.connection = threading.Lock()  # type: ignore[attr-defined]
    return [error]


def answer_with_a_lock(_store: GroupStore) -> object:
    """Return what no other process can use."""
    return [threading.Lock()]


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


def test_racers_may_do_something_one_by_one() -> None:
    """One racer does it while the others rest, and each answers for itself."""
    at_work: list[int] = []

    def work_alone(_store: GroupStore) -> int:
        at_work.append(1)
        time.sleep(0.005)
        assert at_work == [1]
        at_work.clear()
        return threading.get_ident()

    with threads([new_store] * 3) as team:
        assert team.one_by_one(work_alone) == [thread for _, thread in team.race([who] * 3)]


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


@pytest.mark.parametrize("start", [threads, processes])
def test_who_cannot_be_used_is_skipped(
    start: Callable[..., AbstractContextManager[racers.Team]],
) -> None:
    """What skips where a store is opened skips the rule."""
    with pytest.raises(pytest.skip.Exception, match="no server here"), start([cannot_be_used]):
        pytest.fail("nobody starts")


def test_opening_may_take_longer_than_a_race(monkeypatch: pytest.MonkeyPatch) -> None:
    """To open a store is no deadlock, however long a race may take."""
    monkeypatch.setattr(racers, "SECONDS_TO_WAIT", 0.05)
    with threads([open_slowly]) as team:
        assert team.race([partial(nap, 0.0)]) == [0.0]


def test_opening_must_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not open a store is told in other words than who waits for others."""
    monkeypatch.setattr(racers, "SECONDS_TO_OPEN", 0.1)
    said = r"1 of 2 users of the storage have not opened their stores within 0\.1 seconds"
    with pytest.raises(StuckError, match=said), threads([new_store, open_slowly]):
        pytest.fail("nobody starts")


def test_errors_come_home_from_other_processes() -> None:
    """An error that holds what cannot be sent arrives as the error that it is for everybody."""
    with processes([new_store]) as team:
        ((error,),) = team.race([refuse])
    assert type(error) is DuplicateCodeError
    assert error.code == "A"


def test_answers_that_cannot_be_sent_are_told() -> None:
    """Nobody waits for an answer that cannot come."""
    said = "holds a list, cannot be sent from one process to another(.|\n)*lock"
    with pytest.raises(AssertionError, match=said), processes([new_store]) as team:
        team.race([answer_with_a_lock])


def test_a_letter_that_cannot_be_sent_is_replaced() -> None:
    """What arrives in its place says of which racer it is, and what was wrong."""
    post = racers._Post(queue.SimpleQueue[bytes]())  # noqa: SLF001 - otherwise in processes only
    post.put((0, [1, 2]))
    post.put((1, threading.Lock()))
    assert post.get(timeout=1) == (0, [1, 2])
    number, crash = post.get(timeout=1)
    assert number == 1
    assert "holds a lock" in str(crash)


def test_a_process_that_dies_while_it_opens_a_store_has_started() -> None:
    """Whoever could import what it needs and dies then is lost, and not unable to start."""
    with pytest.raises(RacerLostError, match="its process died"), processes([die_early]):
        pytest.fail("nobody starts")


def test_who_is_sent_home_at_once_opens_nothing() -> None:
    """If another racer cannot start, the store of this one is not needed."""
    tasks, answers = queue.SimpleQueue[None](), queue.SimpleQueue[tuple[int, None]]()
    tasks.put(None)
    lane = racers._Lane(  # noqa: SLF001 - otherwise it happens in other processes only
        number=3, tasks=tasks, answers=answers, start=threading.Barrier(1)
    )
    racers._run(lane, cannot_open)  # noqa: SLF001 - otherwise in processes only
    assert answers.get_nowait() == (3, None)
    assert answers.empty()


def test_a_process_may_die() -> None:
    """A process that is gone is noticed at once."""
    said = "racer 1 ended without an answer; its process died"
    with pytest.raises(RacerLostError, match=said), processes([new_store, new_store]) as team:
        team.race([who, die])
    assert not multiprocessing.active_children()


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
            team.race([partial(nap, 60.0)])
        monkeypatch.setattr(racers, "SECONDS_TO_LEAVE", 0.1)
    assert not multiprocessing.active_children()


def test_who_waits_for_the_stuck_goes_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A racer that stands at the start does not wait for ever for one that does not come."""
    monkeypatch.setattr(racers, "SECONDS_TO_WAIT", 0.1)
    monkeypatch.setattr(racers, "SECONDS_TO_LEAVE", 0.2)
    closed = threading.Event()
    with threads([new_store, new_store]) as team:
        (_, waiting), (_, stuck) = team.race([who, who])
        for tasks in ([who, lambda _store: closed.wait()], [who, who]):
            with pytest.raises(StuckError):
                team.race(tasks)
    still_there = {thread.ident for thread in threading.enumerate()}
    closed.set()
    assert still_there & {waiting, stuck} == {stuck}
