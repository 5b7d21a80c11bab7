"""Nodes of a cluster that die: one in the middle of an import, or two at once."""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from threading import Timer

import pytest
import sqlalchemy as sa

from customer_groups.errors import OutcomeUnknownError, StorageError, StorageUnavailableError
from customer_groups.importing import import_into
from customer_groups.searching import get_group
from customer_groups.service import create_group, rename_group
from nodes import GROUP, contents, new_database, open_on
from servers import galera
from servers.galera import NODES
from servers.mariadb import query

pytestmark = pytest.mark.galera

CODES = [f"C{number:05}" for number in range(12_000)]
IMPORTING, OTHER = 1, 2
IN_THE_LIST, AT_COMMIT, DURING_COMMIT = "in the list", "at commit", "during commit"
SECONDS_OF_A_COMMIT = 0.01


@pytest.fixture(autouse=True)
def repaired() -> Iterator[None]:
    """Let the nodes that a test kills come back after it, whatever happens."""
    yield
    for node in NODES:
        if not galera().is_synced(node):
            galera().start(node)


def import_and_kill(database: str, victim: int, moment: str) -> None:
    """Import the list through one node, and end one at some moment of it."""
    kill = functools.cache(functools.partial(galera().kill, victim))
    with open_on(IMPORTING, database) as store:
        if moment == AT_COMMIT:
            sa.event.listen(store.engine, "commit", lambda _: kill())
        if moment == DURING_COMMIT:
            timer = Timer(SECONDS_OF_A_COMMIT, kill)
            sa.event.listen(store.engine, "commit", lambda _: timer.start())
        on_progress = (lambda *_: kill()) if moment == IN_THE_LIST else None
        import_into(store, GROUP, CODES, on_progress=on_progress)


@pytest.mark.parametrize(
    ("victim", "moment", "error"),
    [
        (OTHER, IN_THE_LIST, None),
        (OTHER, DURING_COMMIT, None),
        (IMPORTING, IN_THE_LIST, StorageUnavailableError),
        (IMPORTING, AT_COMMIT, OutcomeUnknownError),
    ],
)
def test_a_node_dies_in_an_import(victim: int, moment: str, error: type[Exception] | None) -> None:
    """All is stored or nothing, and the node holds the same as the others when it is back."""
    database = new_database(CODES)
    with pytest.raises(error) if error else contextlib.nullcontext():
        import_and_kill(database, victim, moment)
    survivors = [node for node in NODES if node != victim]
    held = contents(database, survivors)
    assert [row.customer_key for row in held.memberships] == ([] if error else CODES)
    come_back(victim, database, survivors)


def test_a_node_dies_while_it_commits() -> None:
    """Whoever does not know the outcome can look it up on the other nodes."""
    database = new_database(CODES)
    outcomes = [[], CODES]
    try:
        import_and_kill(database, IMPORTING, DURING_COMMIT)
        outcomes.remove([])
    except OutcomeUnknownError:
        pass
    survivors = [node for node in NODES if node != IMPORTING]
    held = contents(database, survivors)
    assert [row.customer_key for row in held.memberships] in outcomes
    come_back(IMPORTING, database, survivors)


def come_back(node: int, database: str, survivors: Sequence[int]) -> None:
    """Write without the node; let it come back, and see that it holds the same."""
    with open_on(survivors[0], database) as store:
        store.run(functools.partial(rename_group, code=GROUP, name="Renamed meanwhile"))
    held = contents(database, survivors)
    galera().start(node)
    assert contents(database) == held


def test_most_nodes_die() -> None:
    """The one that is left refuses all work, since the others may have gone on without it."""
    cluster, database = galera(), new_database()
    first, *others = NODES
    with open_on(first, database) as store:
        for node in others:
            cluster.kill(node)
        create = functools.partial(create_group, name="New")
        with pytest.raises(StorageError):  # it begins before the node has noticed
            store.run(create)
        for operation in (create, functools.partial(get_group, code=GROUP)):
            with pytest.raises(StorageUnavailableError) as caught:
                store.run(operation)
            assert "(1047," in repr(caught.value.__cause__)
    # What an administrator does who knows that the others are dead.
    query(cluster.socket(first), "SET GLOBAL wsrep_provider_options = 'pc.bootstrap = 1'")
    for node in others:
        cluster.start(node)
    contents(database)
