"""Database servers for the tests: private, thrown away afterwards, started on first use."""

from servers.galera import galera
from servers.mariadb import mariadb
from servers.postgres import postgres
from servers.running import stop_servers, unavailable

__all__ = ["galera", "mariadb", "postgres", "stop_servers", "unavailable"]
