"""A Galera cluster of our own: three MariaDB nodes on loopback, in a folder that goes with it."""

import functools
import itertools
import os
import random
import shutil
import socket
from pathlib import Path

import attrs
import sqlalchemy as sa

from servers.mariadb import (
    DEFAULT_DATABASE,
    FAST,
    create_database,
    find_program,
    install_database,
    query,
)
from servers.running import (
    Daemon,
    at_the_end,
    new_folder,
    new_name,
    require_driver,
    unavailable,
)

__all__ = ["NODES", "GaleraCluster", "galera"]

NODES = range(3)
LOOPBACK = "127.0.0.1"
USER = "app"

# A dead node is given up after two seconds; the defaults are made for real networks.
IMPATIENT = (
    "evs.keepalive_period=PT0.5S",
    "evs.suspect_timeout=PT2S",
    "evs.inactive_timeout=PT4S",
    "evs.install_timeout=PT4S",
    "pc.wait_prim_timeout=PT15S",
)

SETUP = f"""\
CREATE USER '{USER}'@'{LOOPBACK}' IDENTIFIED BY '{USER}';
GRANT ALL ON *.* TO '{USER}'@'{LOOPBACK}';
CREATE DATABASE {DEFAULT_DATABASE} CHARACTER SET utf8mb4;
"""


@attrs.frozen
class Ports:
    """The ports of one node: for SQL, and for three kinds of talk with the others."""

    sql: int
    group: int
    incremental: int
    transfer: int


@attrs.define(eq=False)
class GaleraCluster:
    """Three running nodes that hold the same data."""

    folder: Path
    provider: Path
    user: str | None
    ports: tuple[Ports, ...]
    daemons: dict[int, Daemon] = attrs.field(factory=dict, init=False)

    def url(self, node: int, driver: str, database: str | None = None) -> sa.URL:
        """Return the address of a database on one node through a driver.

        Args:
            node: its number, 0 to 2.
            driver: "pymysql" or "mysqldb".
            database: its name; the default one if not given.
        """
        require_driver(driver)
        return sa.URL.create(
            f"mariadb+{driver}",
            username=USER,
            password=USER,
            host=LOOPBACK,
            port=self.ports[node].sql,
            database=database or DEFAULT_DATABASE,
            query={"charset": "utf8mb4"},
        )

    def new_database(self) -> str:
        """Create an empty database in UTF-8 on every node that is there, and return its name."""
        name = new_name()
        first, *others = filter(self.is_synced, NODES)
        create_database(self.socket(first), name)
        for node in others:
            query(self.socket(node), "SET wsrep_sync_wait = 1; SELECT 1")
        return name

    def is_synced(self, node: int) -> bool:
        """Tell whether a node runs and has what the others have."""
        if self.daemons[node].process.poll() is not None:
            return False
        state = "SHOW STATUS LIKE 'wsrep_local_state_comment'"
        try:
            return "Synced" in query(self.socket(node), state)
        except RuntimeError:
            return False

    def start(self, node: int, *options: str) -> None:
        """Start a node, and wait until it has what the others have."""
        ports = self.ports[node]
        temporary = self.folder / f"tmp{node}"
        temporary.mkdir(exist_ok=True)
        if self.user is not None:
            shutil.chown(temporary, self.user)
        daemon = Daemon.start(
            find_program("mariadbd"),
            "--no-defaults",
            f"--datadir={self.data(node)}",
            f"--socket={self.socket(node)}",
            f"--pid-file={self.folder / f'pid{node}'}",
            f"--tmpdir={temporary}",
            f"--bind-address={LOOPBACK}",
            f"--port={ports.sql}",
            f"--server-id={node + 1}",
            "--character-set-server=utf8mb4",
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            *FAST,
            "--wsrep-on=ON",
            f"--wsrep-provider={self.provider}",
            f"--wsrep-provider-options={';'.join(self.provider_options(node))}",
            "--wsrep-cluster-name=test",
            f"--wsrep-cluster-address=gcomm://{self.members()}",
            f"--wsrep-node-name=node{node}",
            f"--wsrep-node-address={LOOPBACK}:{ports.group}",
            f"--wsrep-node-incoming-address={LOOPBACK}:{ports.sql}",
            "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address={LOOPBACK}:{ports.transfer}",
            *options,
            log=self.folder / f"log{node}",
            user=self.user,
        )
        self.daemons[node] = daemon
        daemon.wait_until(functools.partial(self.is_synced, node))

    def kill(self, node: int) -> None:
        """End a node at once; the two others go on, while a single one would refuse to work."""
        self.daemons[node].kill()

    def stop(self) -> None:
        """Shut down the nodes that run."""
        for daemon in self.daemons.values():
            daemon.stop()

    def provider_options(self, node: int) -> tuple[str, ...]:
        """Return what a node tells the library that replicates."""
        ports = self.ports[node]
        return (
            f"gmcast.listen_addr=tcp://{LOOPBACK}:{ports.group}",
            f"ist.recv_addr={LOOPBACK}:{ports.incremental}",
            f"ist.recv_bind={LOOPBACK}:{ports.incremental}",
            "gcache.size=16M",
            *IMPATIENT,
        )

    def members(self) -> str:
        """Return where the nodes find each other."""
        return ",".join(f"{LOOPBACK}:{ports.group}" for ports in self.ports)

    def data(self, node: int) -> Path:
        """Return the folder with the data of a node."""
        return self.folder / f"node{node}"

    def socket(self, node: int) -> Path:
        """Return the unix socket of a node."""
        return self.folder / f"socket{node}"


@functools.cache
def galera() -> GaleraCluster:
    """Return the cluster of this process, started on first use."""
    provider = find_provider()
    # As root, the program that transfers the state would give up its rights, and then fail.
    user = "mysql" if os.geteuid() == 0 else None
    folder = new_folder("ga")
    at_the_end(functools.partial(shutil.rmtree, folder))
    cluster = GaleraCluster(folder, provider, user, free_ports())
    make_data_folders(cluster)
    at_the_end(cluster.stop)
    cluster.start(0, "--wsrep-new-cluster")
    query(cluster.socket(0), SETUP)
    for node in NODES[1:]:
        cluster.start(node)
    return cluster


def make_data_folders(cluster: GaleraCluster) -> None:
    """Fill the folder of the first node; the others get theirs from it when they join."""
    install_database(cluster.data(0))
    for node in NODES[1:]:
        cluster.data(node).mkdir()
    if cluster.user is not None:
        for path in (cluster.folder, *cluster.folder.rglob("*")):
            shutil.chown(path, cluster.user, cluster.user)


def find_provider() -> Path:
    """Return the library that replicates."""
    library = "libgalera_smm.so"
    folder = Path("/usr/lib")
    found = [*folder.glob(f"galera*/{library}"), *folder.glob(f"*/galera*/{library}")]
    if not found or shutil.which("rsync") is None:
        unavailable("no Galera: apt-get install mariadb-server galera-4 rsync")
    return found[0]


def free_ports() -> tuple[Ports, ...]:
    """Return ports that nobody has, below those that the system gives to clients."""
    candidates = range(20_000, 32_000)
    free = filter(is_free, random.sample(candidates, len(candidates)))
    return tuple(Ports(*itertools.islice(free, 4)) for _ in NODES)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of loopback."""
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
