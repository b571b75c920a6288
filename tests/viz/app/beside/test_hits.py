"""Who is hit on the page is who is hit in the table of the run, and what is added to it adds up."""

import numpy as np
import pytest

from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.beside import hit, kept
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import board, fill, network
from lodeflow.viz.app.world.session import Session
from tests.viz.app.beside.conftest import WORLD


@pytest.fixture(scope="module")
def outcome(session, tables):
    return run_scenario(session.scenario, tables=tables)


@pytest.mark.parametrize(("who", "ranking"), [("country", hit.countries), ("product", hit.products)])
def test_the_page_ranks_as_the_table_of_the_run(session, outcome, tables, who, ranking):
    """Rank, name, share and tonnes of `hits.csv`, also as printed."""
    found = ranking(session.frame(), "cobalt")
    table = outcome.hits.query("metal == 'cobalt' and who == @who").sort_values("rank")
    assert list(table["name"]) == [one.hit.name for one in found]
    assert list(table["share"]) == pytest.approx([one.hit.share for one in found], rel=1e-12)
    assert list(table["tonnes"]) == pytest.approx([one.hit.tonnes for one in found], rel=1e-12)
    texts = Texts("en", tables)
    for one, share in zip(found, table["share"], strict=True):
        assert hit.cells(one, texts, who)[0].removesuffix(" %") == f"{100 * share:.{0 if share >= 0.0995 else 1}f}"


def test_what_a_country_pays_and_has_left_is_in_the_series(session, outcome):
    first = hit.countries(session.frame(), "cobalt")[0]
    rows = outcome.series.query("metal == 'cobalt' and form == 'refined' and region == @first.hit.name")
    wide = rows.pivot(index="date", columns=["run", "variable"], values="value")
    price, base, use = wide["shock", "price"], wide["baseline", "price"], wide["shock", "use"]
    assert first.cover == wide["shock", "stock_cover"].iloc[-1]
    assert (first.price, first.without) == (price.iloc[-1], base.iloc[-1])
    later = price.index >= "2024-04-01"
    assert first.extra == pytest.approx(float(((price - base) * use)[later].sum()))
    assert first.extra > 0
    assert first.price > first.without


def test_use_by_product_adds_up_to_use(session):
    frame = session.frame()
    total = sum(hit.product_use(frame.live, "cobalt", name) for name in set(frame.live.users("cobalt")))
    assert total == pytest.approx(frame.live.line("use", "cobalt", "refined"))


def test_a_frame_of_one_product_counts_its_use_alone(session, tables):
    """By country it adds up to the world's, products add up to all, and what is bought for them to all that is bought."""
    frame = session.frame()
    whole = frame.live
    parts = {name: frame.of_product("cobalt", name).live for name in whole.users("cobalt")}
    for name, own in parts.items():
        by_country = own.regions("use", "cobalt", "refined")
        assert own.line("use", "cobalt", "refined") == pytest.approx(hit.product_use(whole, "cobalt", name))
        assert sum(by_country.values()) == pytest.approx(own.line("use", "cobalt", "refined"))
        assert (own.line("price", "cobalt", "refined") == whole.line("price", "cobalt", "refined")).all()
    for place, values in whole.regions("use", "cobalt", "refined").items():
        got = sum(own.line("use", "cobalt", "refined", place) for own in parts.values())
        assert got == pytest.approx(values), place
    table = whole.world.markets["refined"]
    used = {place for place, values in whole.regions("use", "cobalt", "refined").items() if (values > 0.0).all()}
    buyers = [whole.world.layout.country_index[place] for place in used]
    edges = (table.metal == whole.world.layout.metal_index["cobalt"]) & np.isin(table.buyer_country, buyers)
    bought = sum(own.flows["refined"][:, edges] for own in parts.values())
    assert bought == pytest.approx(whole.flows["refined"][: frame.t, edges])
    other = whole.world.layout.metal_index["nickel"] == table.metal
    one = next(iter(parts.values()))
    assert (one.flows["refined"][:, other] == whole.flows["refined"][: frame.t, other]).all()
    assert frame.of_product("cobalt", "") is frame


def test_charts_and_map_of_a_product_say_so(session, tables):
    frame = session.frame()
    texts = Texts("en", tables)
    product = hit.products(frame, "cobalt")[0].hit.name
    own = frame.of_product("cobalt", product)
    charts = {
        chart.id: chart
        for makers in (board.FIRST, board.OTHERS)
        for chart in hit.by_product(board.charts_of(own, "cobalt", texts, makers), product, texts)
    }
    assert "use" not in charts
    assert texts.name("product", product) in charts[f"use-{product}"].title
    assert charts[f"use-{product}"].lines[-1].values == pytest.approx(hit.product_use(frame.live, "cobalt", product))
    assert texts.name("product", product) in charts["price-by-country"].note
    assert charts["mine-production"].lines[-1].values == pytest.approx(
        board.mined(frame, "cobalt", texts).lines[-1].values, nan_ok=True
    )
    size = network.sizes(own, "cobalt", network.STAGES["users"])
    assert sum(now for now, _ in size.values()) == pytest.approx(hit.product_use(frame.live, "cobalt", product)[-1])
    lost = fill.fill_of(own, "cobalt", "users", "lost", texts).values
    assert lost != fill.fill_of(frame, "cobalt", "users", "lost", texts).values
    light = kept.lightened(frame).of_product("cobalt", product)
    assert hit.product_chart(light, "cobalt", product, texts).lines[-1].values == pytest.approx(
        hit.product_chart(own, "cobalt", product, texts).lines[-1].values
    )


def test_a_kept_world_knows_who_is_hit(session):
    frame = session.frame()
    light = kept.lightened(frame)
    assert hit.countries(light, "cobalt") == hit.countries(frame, "cobalt")
    for one, other in zip(hit.products(light, "cobalt"), hit.products(frame, "cobalt"), strict=True):
        assert (one.hit, one.extra) == (other.hit, other.extra)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_rankings_read_well(session, tables, language):
    texts = Texts(language, tables)
    for who, ranking in (("country", hit.countries), ("product", hit.products)):
        for one in ranking(session.frame(), "cobalt"):
            said = hit.cells(one, texts, who)
            assert len(said) == len(hit.heads(texts, who)) - 1
            assert not any("nan" in text or "None" in text for text in said)


def test_nobody_is_hit_in_a_calm_world(tables):
    calm = Session(tables, load_scenario("baseline", WORLD, tables))
    calm.step(2)
    assert hit.countries(calm.frame(), "cobalt") == []
    assert hit.products(calm.frame(), "cobalt") == []
    assert np.isfinite(hit.product_use(calm.frame().live, "cobalt", calm.frame().live.users("cobalt")[0])).all()
