"""What an import takes for a list, and what it tells while it reads it."""

from pathlib import Path

import pytest

from customer_groups.files.pasted import PastedReader
from trial_imports import import_into_new_group


@pytest.mark.parametrize("format", [None, "delimited"])
def test_a_folder_is_no_list(tmp_path: Path, format: str | None) -> None:
    """The error is that of opening it, whether a format is named or not."""
    with pytest.raises(IsADirectoryError) as caught:
        import_into_new_group(tmp_path, format=format)
    assert caught.value.filename == str(tmp_path)


def test_a_reader_of_ones_own_reads_any_file(tmp_path: Path) -> None:
    """Whatever the file is called, and whatever is usual for a source."""
    path = tmp_path / "list.xlsx"
    path.write_text("C1,C2")
    assert import_into_new_group(path, format=PastedReader()).counts.added == 2


@pytest.mark.parametrize("separator", ["\n", ","])
def test_the_progress_of_pasted_text_is_told(separator: str) -> None:
    """Although it is in memory, and all on one line or not."""
    told: list[tuple[int, int | None]] = []
    text = separator.join(["C1"] * 100_000)
    import_into_new_group(text, on_progress=lambda *progress: told.append(progress))
    done = [characters for characters, _ in told]
    assert done == sorted(done)
    assert len(set(done)) > 3
    assert told[0][0] < len(text) == told[-1][0]
    assert {total for _, total in told} == {len(text)}
