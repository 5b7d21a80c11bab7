"""Runs the examples of the README, the documentation and the docstrings as tests."""

import contextlib
import tempfile
from typing import Any

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.myst import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser


def enter_a_new_folder(namespace: dict[str, Any]) -> None:
    """Let the examples of a document write files without leaving any behind."""
    namespace["stack"] = stack = contextlib.ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    stack.enter_context(contextlib.chdir(folder))


def leave_it(namespace: dict[str, Any]) -> None:
    """Go back, and remove the folder."""
    namespace["stack"].close()


pages = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["*.md"],
    setup=enter_a_new_folder,
    teardown=leave_it,
)
docstrings = Sybil(
    parsers=[DocTestParser()],
    path="src",
    patterns=["*.py"],
    document_types={".py": PythonDocStringDocument},
)

pytest_collect_file = (pages + docstrings).pytest()
