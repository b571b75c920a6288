"""The guard before every TOML file: what is too large is refused in one pass, what is sound is read as it stands."""

from __future__ import annotations

import os
import socket
import tomllib
from pathlib import Path

import pytest

from lodeflow.data import guard
from lodeflow.data.guard import excess, no_file, parse_toml, read_file
from lodeflow.data.plain import plain, plain_lines
from lodeflow.data.problems import DataError, Problem

ROOT = Path(__file__).resolve().parents[2]
TOO_MUCH = {
    "dotted key": (".".join("a" * 20_000) + "=1", "10 parts"),
    "dotted key with spaces": (" . ".join("a" * 20_000) + "=1", "10 parts"),
    "dotted key of texts": (".".join(['"a"'] * 9_000) + "=1", "10 parts"),
    "dotted header": ("[" + ".".join("a" * 20_000) + "]", "10 parts"),
    "dotted header of a list": ("[[" + ".".join("a" * 20_000) + "]]", "10 parts"),
    "dotted key in a table": ("x = {" + ".".join("a" * 20_000) + " = 1}", "10 parts"),
    "lists in lists": ("x = " + "[" * 20_000, "12 deep"),
    "tables in tables": ("x = " + "{a = " * 9_000, "12 deep"),
    "long number": ("x = " + "9" * 5_000, "5,000 characters"),
    "long key": ("k" * 5_000 + " = 1", "5,000 characters"),
    "long key in quotes": (f'"{"k" * 5_000}" = 1', "5,00"),
    "long header": (f'[a."{"k" * 5_000}"]', "5,00"),
    "long text": (f'x = "{"a" * 30_000}"', "30,002 characters"),
    "text that never ends": ('x = """' + 'a"' * 30_000, "60,003 characters"),
    "many items": ("x = [" + "1," * 20_000 + "]", "10,000 keys"),
    "many keys": ("".join(f"k{number} = 1\n" for number in range(20_000)), "10,000 keys"),
    "many tables": ("[[shocks]]\n" * 20_000, "10,000 keys"),
    "no end of it": ("#" * 1_000_001, "1,000,001 bytes"),
}
SOUND = (
    'title = "a.b.c.d.e.f.g.h.i.j.k.l [[[[[[[[[[[[[[[[ {{{"  # a.b.c.d.e.f.g.h.i.j.k.l.m.n [[[[[[[[[[[[[[\n',
    f'x = ["{"a" * 900}",\n  "{"b" * 900}"]\n',
    f'x = ["{"a" * 900}"]\n[world]\nstart = "2024-01"\n',
    'a = """four quotes""""\nb = "[[[[[[[[[[[[[[[["\n',
    "a = '''four quotes''''\nb = '[[[[[[[[[[[[[[[['\n",
    'a = """"""\nb = "\\"[[[[[[[[[[[[[[["\nc = \'\\\'\n',
    'a = """\n[[[[[[[[[[[[[[[\n\\""" """\n',
    "x = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5]\n",
    "x = {a = 1.5, b = 2.5, c.d = [1.5, [2.5]], e = 1979-05-27T07:32:00.999999-07:00}\n",
    "x = [\n" + "  # a comment\n" * 300 + "1]\ny = 2\n",
)


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_is_refused_before_it_is_parsed(name, monkeypatch):
    text, why = TOO_MUCH[name]
    monkeypatch.setattr(tomllib, "loads", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(DataError, match=why) as caught:
        parse_toml(text.encode(), "x.toml")
    assert len(caught.value.problems) == 1
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("text", SOUND)
def test_what_is_sound_is_read_as_it_stands(text):
    assert excess(text) is None
    assert parse_toml(text.encode(), "x.toml") == tomllib.loads(text)


def test_every_shipped_file_has_room_to_grow(monkeypatch):
    for bound in ("MOST_DEPTH", "MOST_PARTS", "MOST_ENTRIES", "MOST_TEXT"):
        monkeypatch.setattr(guard, bound, getattr(guard, bound) // 2)
    files = [*(ROOT / "data").rglob("*.toml"), *(ROOT / "viz").rglob("*.toml")]
    files = [
        path for path in files if path.name != "zh-report.toml"
    ]  # its keys are sentences, and only the program reads it
    assert len(files) > 40
    assert [str(path) for path in files if excess(path.read_text(encoding="utf-8"))] == []


def test_the_line_of_what_is_too_much_is_named():
    with pytest.raises(DataError, match="row 3"):
        parse_toml(b'name = "x"\n\ny = [[[[[[[[[[[[[[[[', "x.toml")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfex", "UTF-8"),
        (b"x = 1\x00", "not valid TOML"),
        (b"x = 2024-13-45", "not valid TOML"),
        (b"x = 1\nx = 2", "not valid TOML"),
        ("\ufeff\ufeffx = 1".encode(), "not valid TOML"),
    ],
)
def test_what_is_no_toml_is_one_line(content, why):
    with pytest.raises(DataError, match=why) as caught:
        parse_toml(content, "x.toml")
    assert len(str(caught.value).splitlines()) == 2


def test_a_mark_of_the_byte_order_is_skipped():
    assert parse_toml("\ufeffx = 1".encode(), "x.toml") == {"x": 1}


def test_pipes_sockets_folders_and_devices_are_refused_unread(tmp_path):
    pipe, link = tmp_path / "pipe.toml", tmp_path / "link.toml"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
    places = {pipe: "pipe", link: "pipe", tmp_path: "folder", Path("/dev/zero"): "device", tmp_path / "door": "socket"}
    for place, kind in places.items():
        with pytest.raises(DataError, match=f"is a {kind}, not a file"):
            read_file(place)


def test_a_file_is_read_up_to_its_bound(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b"12345")
    assert no_file(path) is None
    assert read_file(path, 5) == b"12345"
    with pytest.raises(DataError, match=r"the file has 5 bytes. A file has at most 4 bytes"):
        read_file(path, 4)
    for gone in (tmp_path / "gone.toml", tmp_path / ("x" * 5_000)):
        with pytest.raises(DataError, match="cannot be read"):
            read_file(gone)


def test_text_from_outside_becomes_plain():
    assert plain("\x1b[31mred\x1b[0m \x1b]0;title\x07\x9b2J\x1bc\a\b\x7f end\u202e") == "red  end"
    assert plain("one\ntwo\r\n\tthree") == "one two three"
    assert plain("\x1b[" * 3) == ""
    assert plain_lines("one\n\ttwo\x1b[2J\r") == "one\n\ttwo"
    assert plain("a" * 50 + "b" * 50, 23) == "aaaaaaaaaa...bbbbbbbbbb"
    assert plain("x\udcff.toml") == "x?.toml"
    assert plain("钴 – Kupfer [/b]") == "钴 – Kupfer [/b]"


def test_a_problem_is_one_plain_line_of_bounded_length():
    problem = Problem("f\x1b[2J\n.toml", "key\x07" * 500, "c" * 9_999, "w\n" * 9_999, "r" * 9_999)
    assert str(problem).isprintable()
    assert str(problem).startswith("f .toml, keykey")
    assert len(str(problem)) < 3_000
