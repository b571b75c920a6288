"""Texts of the page: none that nothing shows, none whose thing is gone, and a Chinese name for all that the desk offers."""

import ast
import re
from pathlib import Path

import pytest

import lodeflow.viz
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.environment.shocks.routes import PASSAGES
from lodeflow.experiments.scenario.model import shipped
from lodeflow.experiments.scenario.names import names_in
from lodeflow.viz.app.beside.assume import demands
from lodeflow.viz.app.cover.cover import FIRST
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.texts import Texts, words_of
from lodeflow.viz.app.wrong import SECTION

VIZ = Path(lodeflow.viz.__file__).parent
OWN_TESTS = (FIRST, SECTION, "unit.")
"""The first page's are held by its own test; sentences on wrong input are patterns; units are sent to the browser as one table."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CELLS = {"known", "date", "value", "start", "end"}
"""Cells of fields that are tables, and months of a measure."""


@pytest.fixture(scope="module")
def said():
    """What the program says of keys: every text in it, and every text with gaps as a pattern that begins with a section."""
    consts, patterns = set(), set()
    for path in VIZ.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                consts.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(one.value) if isinstance(one, ast.Constant) else "(.+)" for one in node.values]
                patterns.add("".join(parts))
    return consts, [re.compile(one) for one in patterns if re.match(r"[a-z_]+\\\.", one)]


def test_every_text_is_shown_somewhere(said, tables):
    consts, patterns = said
    names = consts | set(REGISTRY) | _fields() | CELLS | set(PASSAGES) | set(demands(tables))
    unused = []
    for key in words_of("en"):
        if key in consts or key.startswith(OWN_TESTS):
            continue
        gaps = [found.groups() for pattern in patterns if (found := pattern.fullmatch(key))]
        if not any(all(gap in names or set(gap.split(".")) <= names for gap in group) for group in gaps):
            unused.append(key)
    assert unused == []


def _fields():
    """Names of all fields of all forms."""
    return {field.name for kind in desk.kinds() for field in (*desk.fields_of(kind), *desk.later_fields(kind))}


def test_chinese_texts_beyond_the_english_ones_name_something_that_there_is(tables):
    names = names_in(tables)
    known = {
        "kind": set(REGISTRY),
        "scenario_title": set(shipped()),
        "metal": {*names.metals, *tables["hosts"]["host"]},
        "region": set(names.places),
        "product": set(names.products),
        "group": set(tables["products"]["group"]),
    }
    gone = []
    for key in sorted(set(words_of("zh")) - set(words_of("en"))):
        section, name = key.split(".")[:2]
        if section == "field":
            kind, _, field = name.rpartition("-")
            there = field in (REGISTRY[kind].model_fields if kind else _fields() | CELLS)
        else:
            there = section == "unit" or name in known[section]
        if not there:
            gone.append(key)
    assert gone == []


def test_all_that_the_desk_offers_has_a_chinese_name():
    own = words_of("zh")
    assert [kind for kind in desk.kinds() if f"kind.{kind}.name" not in own] == []
    assert [name for name in sorted(_fields()) if f"field.{name}.name" not in own] == []


def test_all_that_the_desk_offers_is_explained_in_chinese(tables):
    """What a kind does and what each of its fields means; a field may have a text of its own for a kind, or one for all."""
    texts = Texts("zh", tables)
    assert [kind for kind in desk.kinds() if not CHINESE.search(texts.kind_help(kind))] == []
    fields = [(kind, field) for kind in desk.kinds() for field in (*desk.fields_of(kind), *desk.later_fields(kind))]
    shown = {(kind, field.name): texts.field_help(kind, field.name, field.description) for kind, field in fields}
    assert len(shown) > 200
    assert [key for key, text in shown.items() if not CHINESE.search(text)] == []
