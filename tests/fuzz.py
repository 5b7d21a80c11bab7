"""Fuzz one reader: ``python tests/fuzz.py TARGET FOLDER [OPTION OF LIBFUZZER ...]``.

The folder gets the seeds, what the fuzzer finds worth keeping, and what breaks the reader.
"""

import importlib
import sys
from pathlib import Path

import atheris

SECONDS_FOR_ONE = 10
MEBIBYTES = 512


def main() -> None:
    """Fuzz until time is up, or until a bug is found; then the process ends in failure."""
    program, name, folder, *options = sys.argv
    with atheris.instrument_imports(include=["customer_groups"]):
        target = importlib.import_module("fuzzing.targets").TARGETS[name]
    for number, seed in enumerate(target.seeds):
        Path(folder, f"seed-{number}").write_bytes(seed)
    bounds = [f"-timeout={SECONDS_FOR_ONE}", f"-rss_limit_mb={MEBIBYTES}"]
    arguments = [program, folder, f"-artifact_prefix={folder}/", *bounds, *options]
    atheris.Setup(arguments, target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
