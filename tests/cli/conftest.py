"""What the tests of the command line share."""

from pathlib import Path

import pytest

from command_line import run

CUSTOMERS = """\
code,name,type,active
00001,Anna's Bar,Bar,yes
00002,Bäckerei Brot,Bakery,yes
00003,Closed,Bar,no
00004,Four,Bar,yes
4,Also four,Bakery,yes
"""

LIST = "Customer No.,Note\n00001,first\n00001,again\n\n00003,closed\nnobody,\n4,\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with the default database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUSTOMER_GROUPS_DB", raising=False)
    return tmp_path


@pytest.fixture
def shop(folder: Path) -> Path:
    """Work in a folder with a database of five customers."""
    Path("customers.csv").write_text(CUSTOMERS, "utf-8")
    assert run("init").exit_code == 0
    assert run("load-customers", "customers.csv").stdout == "Customers loaded: 5.\n"
    return folder


@pytest.fixture
def group(shop: Path) -> Path:
    """Create a group, and a list to import into it."""
    run("create", "Bars")
    Path("list.csv").write_text(LIST)
    return shop


@pytest.fixture
def stock(group: Path) -> Path:
    """Load a hundred chairs and two and a half tables; 00001 is in the group CG-000001."""
    run("add", "CG-000001", "00001")
    run("create", "Campaign", "--code", "SPRING")
    assert run("load-stock", "-", stdin="stock,quantity\nCHAIR,100\nTABLE,2.5\n").exit_code == 0
    return group
