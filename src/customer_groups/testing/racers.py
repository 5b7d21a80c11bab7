"""Several users of one storage, who start at the same moment."""

import multiprocessing
import pickle
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any, TypeAlias
from unittest import SkipTest

import attrs
import pytest

from customer_groups.testing.parcels import packed, unpacked

__all__ = [
    "CannotStartError",
    "OpensStore",
    "RacerLostError",
    "StuckError",
    "Task",
    "Team",
    "processes",
    "threads",
]

OpensStore: TypeAlias = Callable[[], object]
"""Called by a racer itself, for the store that it uses."""

Task: TypeAlias = Callable[[Any], Any]
"""What a racer does with its store; to be pickled where racers are processes."""

SECONDS_TO_OPEN = 120.0
SECONDS_TO_WAIT = 30.0
SECONDS_TO_LEAVE = 2.0
_SECONDS_BETWEEN_LOOKS = 0.1
_SECONDS_BETWEEN_SWITCHES = 1e-4
_SHOWN_FRAMES = 6
_OPEN = "open your store"


class RacerLostError(AssertionError):
    """A racer is gone without an answer: its process died."""


class CannotStartError(Exception):
    """What a racer needs cannot be sent to another process, or not be imported there."""


class StuckError(AssertionError):
    """Racers do not come to an end."""


@attrs.frozen
class _Crash:
    """Something that must not happen to a racer, in words."""

    text: str


@attrs.frozen
class _Skip:
    """A racer met a reason not to race at all."""

    reason: str


@attrs.frozen(kw_only=True)
class _Lane:
    """What a racer, in a thread or a process, has in common with who starts it.

    Attributes:
        number: Which racer it is, from 0.
        tasks: Where the racer waits for what it shall do; None sends it home.
        answers: Where it puts its number and what came of it.
        start: Where the racers wait for each other.
    """

    number: int
    tasks: Any
    answers: Any
    start: Any


@attrs.frozen
class _Post:
    """A queue between processes; of what cannot be sent it is told why."""

    parcels: Any

    def put(self, letter: tuple[int, object]) -> None:
        """Send the number of a racer, and its answer."""
        try:
            parcel = packed(letter)
        except Exception as error:  # noqa: BLE001 - pickling runs code of the adapter
            number, answer = letter
            crash = _Crash(
                f"the answer of a user of the storage, which holds a {type(answer).__name__},"
                " cannot be sent from one process to another; let stores return and raise only"
                f" what can be pickled: {type(error).__name__}: {error}"
            )
            parcel = packed((number, crash))
        self.parcels.put(parcel)

    def get(self, timeout: float) -> tuple[int, object]:
        """Return what was sent first."""
        letter: tuple[int, object] = unpacked(self.parcels.get(timeout=timeout))
        return letter


def _run(lane: _Lane, open_store: OpensStore) -> None:
    """Open a store, and do with it what is asked for, until nothing is.

    That the racer is there is told, and heard, before the adapter can end its process.
    """
    lane.answers.put((lane.number, None))
    if lane.tasks.get() is None:
        return
    store = _answer_of(open_store)
    lane.answers.put((lane.number, store if isinstance(store, (_Crash, _Skip)) else None))
    with suppress(threading.BrokenBarrierError):
        while (task := lane.tasks.get()) is not None:
            lane.start.wait()
            lane.answers.put((lane.number, _answer_of(partial(task, store))))


def _answer_of(action: Callable[[], Any]) -> Any:  # noqa: ANN401 - the task's own business
    try:
        return action()
    except (pytest.skip.Exception, SkipTest) as skipped:
        return _Skip(str(skipped))
    except BaseException:  # noqa: BLE001 - in another thread or process nobody would see it
        return _Crash(
            "a user of the storage met an exception that no store raises, whoever else is"
            f" using the storage:\n{traceback.format_exc()}"
        )


def _rest(_store: object) -> None:
    """Leave the others alone."""


class Team:
    """Racers who wait to be sent on their way together; `threads` and `processes` make them."""

    def __init__(self, racers: Sequence[Any], lanes: Sequence[_Lane]) -> None:
        """Lead racers who are threads or processes; each has its lane."""
        self._racers = racers
        self._lanes = lanes

    def open_stores(self) -> None:
        """Start the racers, and wait until all of them have opened their stores.

        Raises:
            CannotStartError: a process died before it could open anything.
            StuckError: after two minutes some are not ready.
            AssertionError: a store could not be opened.
        """
        for racer in self._racers:
            racer.start()
        try:
            self._collect(SECONDS_TO_OPEN, "have not started")
        except RacerLostError as error:
            raise CannotStartError(f"{error}; it could not import what it needs") from None
        self._send([_OPEN] * len(self._lanes))
        self._collect(SECONDS_TO_OPEN, "have not opened their stores")

    def race(self, tasks: Sequence[Task]) -> list[Any]:
        """Let each racer do its task, all at the same time.

        Args:
            tasks: One for each racer.

        Returns:
            What the tasks returned, in their order.

        Raises:
            StuckError: after 30 seconds some have not come to an end.
            RacerLostError: a process died.
            AssertionError: a task raised an exception.
        """
        self._send(tasks)
        return self._collect(
            SECONDS_TO_WAIT,
            "have not come to an end (do they wait for each other's locks?)",
        )

    def one_by_one(self, task: Task) -> list[Any]:
        """Let each racer do a task while the others rest, and return the answers as `race`."""
        return [
            self.race([task if lane is racing else _rest for lane in self._lanes])[racing.number]
            for racing in self._lanes
        ]

    def leave(self) -> None:
        """Send the racers home, those who can still go."""
        self._lanes[0].start.abort()
        self._send([None] * len(self._lanes))
        deadline = time.monotonic() + SECONDS_TO_LEAVE
        for racer in self._racers:
            if racer.is_alive():
                racer.join(max(0.0, deadline - time.monotonic()))

    def _send(self, tasks: Sequence[object]) -> None:
        for lane, task in zip(self._lanes, tasks, strict=True):
            lane.tasks.put(task)

    def _collect(self, seconds: float, complaint: str) -> list[Any]:
        """Return what the racers answer within a time, in their order."""
        answers: dict[int, object] = {}
        deadline = time.monotonic() + seconds
        while len(answers) < len(self._racers):
            try:
                number, answer = self._lanes[0].answers.get(timeout=_SECONDS_BETWEEN_LOOKS)
                answers[number] = answer
            except queue.Empty:
                missing = set(range(len(self._racers))) - answers.keys()
                self._refuse_lost(missing)
                if time.monotonic() > deadline:
                    raise self._stuck(missing, f"{complaint} within {seconds:g} seconds") from None
        return _accepted([answers[number] for number in range(len(self._racers))])

    def _refuse_lost(self, missing: set[int]) -> None:
        """Raise if it makes no sense to wait any longer."""
        lost = [number for number in missing if not self._racers[number].is_alive()]
        if lost:
            raise RacerLostError(f"racer {lost[0]} ended without an answer; its process died")

    def _stuck(self, missing: set[int], complaint: str) -> StuckError:
        """Return an error that says who is stuck where."""
        places = "".join(_place(self._racers[number], number) for number in sorted(missing))
        users = f"{len(missing)} of {len(self._racers)} users of the storage"
        return StuckError(f"{users} {complaint}{places}")


def _accepted(answers: list[object]) -> list[object]:
    """Return answers, unless something happened to a racer."""
    for skip in (answer for answer in answers if isinstance(answer, _Skip)):
        pytest.skip(skip.reason)
    for crash in (answer for answer in answers if isinstance(answer, _Crash)):
        raise AssertionError(crash.text)
    return answers


def _place(racer: Any, number: int) -> str:  # noqa: ANN401 - a thread, or a process of any kind
    """Return where a racer stands now, for people."""
    frame = sys._current_frames().get(racer.ident)  # noqa: SLF001 - documented, for debuggers
    if frame is None:
        return f"\nracer {number}: process {racer.pid}"
    stack = traceback.format_stack(frame)[-_SHOWN_FRAMES:]
    return f"\nracer {number} stands here:\n{''.join(stack)}"


@contextmanager
def threads(stores: Sequence[OpensStore]) -> Iterator[Team]:
    """Return a context with one racer for each store, in threads of this process.

    Threads take turns much more often than usual meanwhile.
    """
    start, answers = threading.Barrier(len(stores)), queue.SimpleQueue[Any]()
    lanes = [
        _Lane(number=number, tasks=queue.SimpleQueue[Any](), answers=answers, start=start)
        for number in range(len(stores))
    ]
    racers = [
        threading.Thread(target=_run, args=racing, daemon=True)
        for racing in zip(lanes, stores, strict=True)
    ]
    with _switching_often(), _racing(racers, lanes) as team:
        yield team


@contextmanager
def processes(stores: Sequence[OpensStore]) -> Iterator[Team]:
    """Return a context with one racer for each store, in processes of their own.

    Raises:
        CannotStartError: what opens a store cannot be pickled, or not unpickled there.
    """
    try:
        pickle.dumps(list(stores))
    except Exception as error:
        raise CannotStartError(f"{type(error).__name__}: {error}") from error
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(len(stores)), _Post(context.Queue())
    lanes = [
        _Lane(number=number, tasks=context.Queue(), answers=answers, start=start)
        for number in range(len(stores))
    ]
    racers = [
        context.Process(target=_run, args=racing, daemon=True)
        for racing in zip(lanes, stores, strict=True)
    ]
    try:
        with _racing(racers, lanes) as team:
            yield team
    finally:
        for racer in racers:
            _end(racer)


def _end(process: BaseProcess) -> None:
    """End a process that did not go home."""
    if process.is_alive():
        process.kill()
        process.join()


@contextmanager
def _racing(racers: Sequence[Any], lanes: Sequence[_Lane]) -> Iterator[Team]:
    team = Team(racers, lanes)
    try:
        team.open_stores()
        yield team
    finally:
        team.leave()


@contextmanager
def _switching_often() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SECONDS_BETWEEN_SWITCHES)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
