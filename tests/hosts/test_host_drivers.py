"""Hosts that call their driver themselves."""

from collections.abc import Callable, Iterator

import pytest

from host_checks import CHECKS, Host
from host_drivers import CONNECTORS, driver_host


@pytest.fixture(scope="module", params=CONNECTORS)
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """Return a host on each driver."""
    with driver_host(request.param, tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.mark.parametrize("check", CHECKS)
def test_host(check: Callable[[Host], None], host: Host) -> None:
    """A host with a bare driver gets what every host may expect."""
    check(host)
