"""The page about hostile files tells what the tests see."""

from files.hostile_page import PAGE, page


def test_the_page_is_up_to_date() -> None:
    """If it is not, run: python tests/files/hostile_page.py."""
    assert PAGE.read_text("utf-8") == page()
