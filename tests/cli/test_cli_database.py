"""Where the database is, how it is made, and what happens where it is not there."""

from pathlib import Path

import pytest

from command_line import as_json, run

NOT_THERE = "Error: there are no customer groups in this database; run: customer-groups init\n"


def test_init_can_be_repeated(shop: Path) -> None:
    """What is in the database stays when its tables are created again."""
    run("create", "Bars")

    assert as_json("init") == {"database": "sqlite:///customer_groups.db"}
    assert as_json("show", "CG-000001")["name"] == "Bars"
    assert sorted(path.name for path in shop.iterdir()) == ["customer_groups.db", "customers.csv"]


@pytest.mark.parametrize("command", ["search", "customers", "export", "import X -", "delete X"])
def test_a_database_that_is_not_there(folder: Path, command: str) -> None:
    """The error says what to run, and no file is created."""
    done = run(*command.split())

    assert (done.exit_code, done.stdout, done.stderr) == (1, "", NOT_THERE)
    assert list(folder.iterdir()) == []


def test_a_file_without_tables(folder: Path) -> None:
    """An empty file is as good as none."""
    file = folder / "empty.db"
    file.touch()

    done = run("--db", "sqlite:///empty.db", "search")

    assert (done.exit_code, done.stderr) == (1, NOT_THERE)


def test_a_file_that_is_no_database(folder: Path) -> None:
    """Another file is not touched."""
    file = folder / "notes.txt"
    file.write_text("these are notes, not a database")

    done = run("--db", "sqlite:///notes.txt", "init")

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: the database file cannot be used")
    assert file.read_text() == "these are notes, not a database"


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x.db?uri=true", "sqlite", "mysql://h"],
)
@pytest.mark.parametrize("command", ["init", "search"])
def test_a_url_that_does_not_name_a_file(folder: Path, url: str, command: str) -> None:
    """Groups that would be gone with the command are not made, and not looked for."""
    done = run("--db", url, command)

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: database URL")
    assert list(folder.iterdir()) == []


def test_the_environment_names_the_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CUSTOMER_GROUPS_DB stands for the option."""
    monkeypatch.setenv("CUSTOMER_GROUPS_DB", "sqlite:///other.db")

    assert as_json("init") == {"database": "sqlite:///other.db"}
    assert [path.name for path in folder.iterdir()] == ["other.db"]


@pytest.mark.usefixtures("shop")
def test_tenants_do_not_meet() -> None:
    """Another tenant has neither these customers nor these groups."""
    run("create", "Bars")

    assert len(as_json("search")["groups"]) == 1
    assert as_json("--tenant", "north", "search")["groups"] == []
    assert as_json("--tenant", "north", "customers")["customers"] == []


@pytest.mark.usefixtures("folder")
def test_loading_needs_a_database() -> None:
    """Customers are loaded into a database that was made on purpose."""
    Path("customers.csv").write_text("code\n1\n")

    assert run("load-customers", "customers.csv").stderr == NOT_THERE


@pytest.mark.usefixtures("shop")
def test_columns_have_the_names_of_the_host() -> None:
    """Each column can be named, and the others do not matter."""
    Path("party.csv").write_text(
        "id;number;label;segment;enabled;phone\nk1;N1;One;shop;1;555\nk2;;Two;;0;556\n\nk3;N3\n",
        "utf-8",
    )
    options = ["--key", "id", "--code", "number", "--name", "label", "--type", "segment"]

    done = as_json("load-customers", "party.csv", *options)

    assert done == {"loaded": 3}
    page = as_json("customers", "--limit", "2")["customers"]
    assert page[0] == {
        "code": "00001",
        "name": "Anna's Bar",
        "type": "Bar",
        "active": True,
        "key": "00001",
    }
    (one,) = as_json("customers", "--code", "N1")["customers"]
    assert one == {"code": "N1", "name": "One", "type": "shop", "active": True, "key": "k1"}
    (two,) = as_json("customers", "--name", "Two")["customers"]
    assert two == {"code": None, "name": "Two", "type": None, "active": True, "key": "k2"}


@pytest.mark.usefixtures("shop")
def test_customers_come_from_standard_input() -> None:
    """A hyphen is standard input, and the encoding can be named."""
    done = run(
        "load-customers", "-", "--encoding", "cp1252", stdin="code,name\nÉ1,Ö\n".encode("cp1252")
    )

    assert done.exit_code == 0
    assert as_json("customers", "--code", "é1")["customers"][0]["name"] == "Ö"


@pytest.mark.usefixtures("shop")
def test_loading_replaces_customers_with_the_same_key() -> None:
    """The file that comes last counts, and who is not in it stays."""
    run("load-customers", "-", stdin="code,name\n00001,Anna's Pub\n")

    assert [each["name"] for each in as_json("customers")["customers"]] == [
        "Anna's Pub",
        "Bäckerei Brot",
        "Closed",
        "Four",
        "Also four",
    ]


@pytest.mark.usefixtures("shop")
def test_a_bad_row_keeps_all_rows_out() -> None:
    """The error names the line, and nothing is loaded."""
    done = run("load-customers", "-", stdin="code,active\nN1,yes\nN2,perhaps\n")

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: line 3: active 'perhaps' is neither yes nor no;"
        " correct the file and import it again\n"
    )
    assert as_json("customers", "--code", "N")["customers"] == []
