"""Processes that are killed while they change stock."""

import contextlib
import random
import sys
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from engines import ENGINES, new_engine
from processes import FORK, run_together
from stock_books import Done, require_answers_in_books, require_right_books
from stock_traffic import STEPS_OF_A_TURN, STOCKS, Clerk
from stockrooms import Place, furnish

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

ON_HAND = dict.fromkeys(STOCKS, 150)
CLERKS = [Clerk(number) for number in range(6)]
STEPS = range(4 * STEPS_OF_A_TURN)
LONGEST_LIFE = 1.5  # seconds; some clerks are through by then


def answers_until_killed(place: Place) -> list[Done]:
    """Let clerks work, kill each of them at some time, and return what they could still tell."""
    ends: list[Connection] = []
    processes = []
    for clerk in CLERKS:
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=clerk.work_through, args=(place, STEPS, theirs.send))
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


@pytest.mark.parametrize("engine", ENGINES)
def test_killed_processes(engine: str, tmp_path: Path) -> None:
    """Whoever sends all requests again gets the answers that were given, and one effect of each."""
    with new_engine(engine, tmp_path) as bare:
        place = Place(bare.url)
    furnish(place, ON_HAND)
    told = answers_until_killed(place)
    with place.opened() as room:
        require_right_books(room, ON_HAND)
    again = run_together(*(partial(clerk.all_done, place, STEPS) for clerk in CLERKS))
    answered = [*told, *(each for of_one in again for each in of_one)]
    with place.opened() as room:
        require_right_books(room, ON_HAND)
        require_answers_in_books(room, answered)
