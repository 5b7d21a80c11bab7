"""Processes that are killed while they change stock."""

import contextlib
import random
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from engines import ENGINES
from processes import FORK
from stock_arenas import CLUSTER, Arena, new_arena
from stock_books import Done, require_answers_in_books
from stock_races import CLERKS, STEPS, do_everything
from stock_traffic import STOCKS
from stockrooms import furnish

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

ON_HAND = dict.fromkeys(STOCKS, 150)
LONGEST_LIFE = 1.5  # seconds; some clerks are through by then


def answers_until_killed(arena: Arena) -> list[Done]:
    """Let clerks work, kill each of them at some time, and return what they could still tell."""
    ends: list[Connection] = []
    processes = []
    for clerk in CLERKS:
        ours, theirs = FORK.Pipe(duplex=False)
        args = arena.place_of(clerk.number), STEPS, theirs.send
        process = FORK.Process(target=clerk.work_through, args=args)
        process.start()
        theirs.close()
        ends.append(ours)
        processes.append(process)
    for process in processes:
        time.sleep(random.uniform(0, LONGEST_LIFE / len(CLERKS)))
        process.kill()
        process.join()
    told: list[Done] = []
    for end in ends:
        with end, contextlib.suppress(EOFError):
            while True:
                told.append(end.recv())
    return told


@pytest.mark.parametrize("engine", [*ENGINES, pytest.param(CLUSTER, marks=pytest.mark.galera)])
def test_killed_processes(engine: str, tmp_path: Path) -> None:
    """Whoever sends all requests again gets the answers that were given, and one effect of each."""
    arena = new_arena(engine, tmp_path)
    furnish(arena.first, ON_HAND)
    told = answers_until_killed(arena)
    arena.require_right_books(ON_HAND)
    answered = [*told, *do_everything(arena)]
    arena.require_right_books(ON_HAND)
    with arena.first.opened() as room:
        require_answers_in_books(room, answered)
