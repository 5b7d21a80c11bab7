"""LibreOffice without a window, for tests: the spreadsheet program on the other side."""

import functools
import shutil
from pathlib import Path

from servers.running import at_the_end, new_folder, run, unavailable

__all__ = ["AS_GUESSED", "AS_TEXT", "convert"]

AS_GUESSED = "CSV:44,34,76,1"
"""Open CSV as a user who clicks on it: commas, quotes, UTF-8; what looks like a number is one."""

AS_TEXT = f"{AS_GUESSED},1/2/2/2/3/2/4/2/5/2"
"""Open CSV as a careful user: with the type "Text" chosen for each of five columns."""

_OUTPUTS = {"csv": "csv:Text - txt - csv (StarCalc):44,34,76,1"}


def convert(source: Path, suffix: str, *, opened: str | None = None) -> Path:
    """Let LibreOffice open a file and save it in another format; return the new file.

    It is written to a new folder beside the source, under the same name. The test that runs
    is skipped where LibreOffice is missing.

    Args:
        source: The file.
        suffix: The new format: ``csv``, ``ods`` or ``xlsx``.
        opened: How a file of CSV is opened, such as `AS_TEXT`.

    Raises:
        RuntimeError: it could not; the message has what it said.
    """
    folder = source.parent / f"{source.suffix[1:]}-to-{suffix}"
    output = _OUTPUTS.get(suffix, suffix)
    command = [_program(), f"-env:UserInstallation={_profile().as_uri()}", "--headless"]
    command += [f"--infilter={opened}"] if opened else []
    said = run(*command, "--convert-to", output, "--outdir", folder, source)
    saved = folder / source.with_suffix(f".{suffix}").name
    if not saved.is_file():  # it does not say so by its exit code
        raise RuntimeError(f"LibreOffice did not convert {source}:\n{said}")
    return saved


def _program() -> str:
    found = shutil.which("soffice")
    if found is None:
        unavailable("no soffice: apt-get install libreoffice-calc-nogui")
    return found


@functools.cache
def _profile() -> Path:
    """Return where it keeps its settings; nobody's own are touched, nor a running one met."""
    folder = new_folder("office-")
    at_the_end(functools.partial(shutil.rmtree, folder))
    return folder
