"""Tables are read and checked once, whatever happens to the files that keep them."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from lodeflow import data
from lodeflow.data import Tables, cache, kept, loader


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that tables are kept in."""
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tables that were read from their files."""
    read, names = loader.read_table, list[str]()
    monkeypatch.setattr(loader, "read_table", lambda path, *rest: names.append(path.stem) or read(path, *rest))
    return names


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with one own table."""
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copy(loader.SHIPPED / "cover.csv", folder)
    return folder


def assert_alike(one: Tables, other: Tables) -> None:
    assert list(one) == list(other)
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name], check_exact=True)
        assert one.schema(name) == other.schema(name)
    assert one.notes == other.notes
    assert data.fingerprint(one) == data.fingerprint(other)


def test_the_second_time_nothing_is_read_and_all_is_the_same(place: Path, reads: list[str]) -> None:
    first = data.load()
    assert sorted(reads) == data.table_names()
    second = data.load()
    assert len(reads) == len(data.table_names())
    assert_alike(second, first)
    assert second["metals"] is not first["metals"]


def test_what_is_kept_of_tables_that_were_checked_needs_no_pandera(place: Path) -> None:
    code = "import sys; from lodeflow import data; data.load(); print('pandera' in sys.modules)"
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert [done.stdout.strip() for done in said] == ["True", "False"]


def test_a_changed_table_is_read_again(place: Path, reads: list[str], own: Path) -> None:
    before = data.load(own)
    text = (own / "cover.csv").read_text(encoding="utf-8")
    number = before["cover"].select_dtypes("float").columns[0]
    value = f"{before['cover'][number].iloc[0]:g}"
    (own / "cover.csv").write_text(text.replace(f",{value},", f",{value}1,", 1), encoding="utf-8")
    reads.clear()
    assert data.fingerprint(data.load(own)) != data.fingerprint(before)
    assert reads
    reads.clear()
    data.load(own)
    assert not reads


def test_other_code_reads_again(place: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = cache.key_of({})
    copy = tmp_path / "code"
    shutil.copytree(Path(cache.__file__).parent, copy, ignore=shutil.ignore_patterns("tables", "__pycache__"))
    (copy / "checks.py").write_text((copy / "checks.py").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr(cache, "__file__", str(copy / "cache.py"))
    assert cache.key_of({}) != key


@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "other"])
def test_a_damaged_file_is_passed_over_and_replaced(place: Path, reads: list[str], harm: str) -> None:
    first = data.load()
    (path,) = place.glob("*.arrow")
    content = path.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    path.write_bytes({"cut": content[:middle], "bit": flipped, "empty": b"", "other": b"PAR1" * 100}[harm])
    reads.clear()
    assert_alike(data.load(), first)
    assert sorted(reads) == data.table_names()
    reads.clear()
    data.load()
    assert not reads


def test_where_nothing_can_be_kept_tables_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "file" / "kept"))
    for times in (1, 2):
        data.load()
        assert len(reads) == times * len(data.table_names())
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_program_without_home_reads_its_tables(monkeypatch: pytest.MonkeyPatch, reads: list[str]) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv(kept.FOLDER, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    data.load()
    assert sorted(reads) == data.table_names()


def test_wrong_tables_are_never_kept(place: Path, own: Path) -> None:
    data.load()
    kept = set(place.glob("*.arrow"))
    (own / "cover.csv").write_text("metal\ncobalt\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(data.DataError):
            data.load(own)
    assert set(place.glob("*.arrow")) == kept, "the shipped ones alone"


def test_two_processes_at_once_and_one_that_is_killed_do_no_harm(place: Path, reads: list[str]) -> None:
    code = "from lodeflow import data; data.load()"
    both = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] for process in both] == [b"", b""]
    assert len(list(place.glob("*.arrow"))) == 1
    data.load()
    assert not reads
    # what a process leaves that is killed while it writes: a file with another ending, half written
    left = next(place.glob("*.arrow")).with_suffix(".arrow.1-1.tmp")
    left.write_bytes(b"half")
    old = time.time() - 2 * kept.STALE
    os.utime(left, (old, old))
    data.load()
    assert not reads
    next(place.glob("*.arrow")).unlink()
    data.load()
    assert not left.exists()
    assert not list(place.glob("*.tmp"))


def test_only_the_newest_are_kept(place: Path, monkeypatch: pytest.MonkeyPatch, tables: Tables) -> None:
    monkeypatch.setattr(cache, "KEPT", 2)
    for number in range(3):
        cache.keep(f"{number}", tables)
        os.utime(place / f"tables-{number}.arrow", (number + 1, number + 1))
    cache.keep("3", tables)
    assert {path.name for path in place.iterdir()} == {"tables-2.arrow", "tables-3.arrow"}


def test_shared_tables_are_the_same_until_a_file_changes(place: Path, own: Path) -> None:
    first = data.shared(own)
    assert data.shared(own) is first
    assert data.load(own) is not first
    (own / "cover.csv").write_bytes((own / "cover.csv").read_bytes() + b"\n")
    assert data.shared(own) is not first


@pytest.mark.usefixtures("place")
def test_a_table_is_made_when_it_is_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data.load()
    made: list[object] = []
    rows = cache._rows
    monkeypatch.setattr(cache, "_rows", lambda content: made.append(content) or rows(content))
    tables = data.load()
    other = tables.replace(metals=tables.metals)
    assert len(made) == 1, "that of metals"
    assert other.production is tables.production is tables["production"]
    assert len(made) == 2
    copied = pickle.loads(pickle.dumps(other))
    assert len(made) == len(tables)
    assert all(copied[name].equals(tables[name]) for name in tables)
