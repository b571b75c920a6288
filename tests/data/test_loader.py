import shutil

import pytest

from lodeflow import data
from lodeflow.data.loader import SHIPPED, read_table

GROUPS = SHIPPED / "groups.csv"
TOTALS_2024 = {  # (metal, stage): plausible range of the published world total, t
    ("lithium", "mine"): (220e3, 260e3),
    ("cobalt", "mine"): (260e3, 310e3),
    ("nickel", "mine"): (3.5e6, 4.0e6),
    ("copper", "mine"): (22e6, 24e6),
    ("copper", "refine"): (26e6, 29e6),
    ("gallium", "refine"): (700, 900),
    ("germanium", "refine"): (180, 260),
    ("graphite", "mine"): (1.4e6, 1.9e6),
    ("neodymium-praseodymium", "mine"): (55e3, 80e3),
    ("dysprosium-terbium", "mine"): (2e3, 4e3),
}


@pytest.fixture(scope="module")
def tables():
    return data.load()


@pytest.fixture
def own(tmp_path):
    """Writes a changed copy of a shipped table and returns the problems that the loader reports for it."""

    def write(name, change, encoding="utf-8"):
        text = (SHIPPED / f"{name}.csv").read_text(encoding="utf-8")
        changed = change(text)
        assert changed != text, "the change must change something"
        (tmp_path / f"{name}.csv").write_bytes(changed.encode(encoding))
        with pytest.raises(data.DataError) as caught:
            data.load(tmp_path)
        found = [problem for problem in caught.value.problems if problem.file == f"{name}.csv"]
        assert all(str(problem) in str(caught.value) for problem in found[:5])
        return found

    return write


def cell(line, column, value):
    """A change of one cell of a CSV without quoted commas before that column (line 1 is the header)."""

    def change(text):
        rows = text.split("\n")
        cells = rows[line - 1].split(",")
        cells[rows[0].split(",").index(column)] = value
        rows[line - 1] = ",".join(cells)
        return "\n".join(rows)

    return change


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


def test_text_in_a_number(own):
    problem = only(own("production", cell(7, "observed_t", "about 3000")))
    assert (problem.row, problem.column) == (7, "observed_t")
    assert "'about 3000'" in problem.wrong
    assert "number" in problem.right


def test_negative_tonnes(own):
    problem = only(own("production", cell(5, "observed_t", "-12")))
    assert (problem.row, problem.column) == (5, "observed_t")
    assert "-12 t/year is too small" in problem.wrong


def test_share_above_one(own):
    problem = only(own("secondary_refined", cell(4, "share", "1.4")))
    assert (problem.row, problem.column) == (4, "share")
    assert "1.4 is too large" in problem.wrong
    assert "1 or less" in problem.right


def test_infinite_number(own):
    assert only(own("production", cell(5, "observed_t", "inf"))).row == 5


def test_fraction_of_a_year(own):
    problem = only(own("production", cell(5, "year", "2010.5")))
    assert "whole number" in problem.right


@pytest.mark.parametrize(("wrong", "near"), [("CDO", "COD"), ("Germny", "DEU"), ("Chlie", "CHL")])
def test_unknown_country_suggests_the_nearest(own, wrong, near):
    problem = only(own("production", cell(9, "iso3", wrong)))
    assert (problem.row, problem.column) == (9, "iso3")
    assert repr(near) in problem.right


def test_duplicate_key_names_both_rows(own):
    problem = only(own("groups", lambda text: text + text.split("\n")[3] + "\n"))
    last = len(GROUPS.read_text().splitlines()) + 1
    assert problem.row == last
    assert "row 4" in problem.wrong


def test_missing_column_of_the_key(own):
    problem = only(
        own("groups", lambda text: text.replace("group,iso3,source", "group,source", 1).replace(",AUT,", ",", 1))
    )
    assert (problem.row, problem.column, problem.wrong) == (1, "iso3", "the column is missing")


def test_misspelt_column_is_named_with_its_near_match(own):
    found = own("groups", lambda text: text.replace("group,iso3", "group,iso_3", 1))
    assert {problem.column for problem in found} == {"iso3", "iso_3"}
    assert any("'iso3'" in problem.right for problem in found if problem.column == "iso_3")


def test_column_twice(own):
    found = own("groups", lambda text: text.replace("group,iso3,source", "group,iso3,iso3", 1))
    assert any("twice" in problem.wrong for problem in found)


def test_empty_cell_in_a_required_column(own):
    problem = only(own("production", cell(6, "unit", "")))
    assert problem.wrong == "the cell is empty"


@pytest.mark.parametrize(("content", "word"), [("", "empty"), ("\n\n", "empty")])
def test_empty_file(own, content, word):
    assert word in only(own("groups", lambda text: content)).wrong


def test_a_header_alone(own):
    assert "no rows" in only(own("cover", lambda text: text.split("\n")[0] + "\n")).wrong


def test_row_with_too_many_cells(own):
    problem = only(own("groups", lambda text: text + "EU27,DEU,a,b\n"))
    assert "has 4 cells, the header has 3" in problem.wrong


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators(own, mark, word):
    assert word in only(own("groups", lambda text: text.replace(",", mark))).wrong


def test_words_for_nothing_are_not_numbers(own):
    for word in ("nan", "NA", "1,5e3"):
        cells = f'"{word}"' if "," in word else word
        assert only(own("production", cell(5, "observed_t", cells))).column == "observed_t"


def test_wrong_encoding(own):
    problem = only(own("groups", lambda text: text + "EU27,DEU,Société\n", encoding="latin-1"))
    assert "UTF-8" in problem.wrong


def test_byte_order_mark_is_accepted(tmp_path):
    (tmp_path / "groups.csv").write_bytes(b"\xef\xbb\xbf" + GROUPS.read_bytes())
    assert len(data.load(tmp_path).groups) == len(data.load().groups)


def test_blank_lines_do_not_shift_row_numbers(own):
    found = own("groups", lambda text: text.replace("\n", "\n\n", 1) + "EU27,QQQ,x\n")
    assert only(found).row == len(GROUPS.read_text().splitlines()) + 2


def test_directory_instead_of_a_file(tmp_path):
    (tmp_path / "groups.csv").mkdir()
    with pytest.raises(data.DataError, match=r"groups\.csv: is a folder"):
        data.load(tmp_path)


def test_missing_folder_and_file_as_folder_and_empty_folder(tmp_path):
    with pytest.raises(data.DataError, match="no such folder"):
        data.load(tmp_path / "nowhere")
    with pytest.raises(data.DataError, match="not a folder"):
        data.load(GROUPS)
    with pytest.raises(data.DataError, match="holds no table"):
        data.load(tmp_path)


def test_unknown_table_suggests_the_nearest(tmp_path):
    shutil.copy(GROUPS, tmp_path / "grups.csv")
    with pytest.raises(data.DataError, match=r"grups\.csv: is not a known table\. Did you mean 'groups'"):
        data.load(tmp_path)


def test_missing_csv_of_a_new_table(tmp_path):
    (tmp_path / "ports.toml").write_text('[columns.name]\ntype = "str"\n')
    with pytest.raises(data.DataError, match=r"ports\.csv: the file is missing"):
        data.load(tmp_path)


@pytest.mark.parametrize(
    ("sidecar", "word"),
    [
        ("key = [", "is not valid TOML"),
        ('[columns.name]\ntype = "number"\n', "is no type"),
        ('[columns.name]\ntipe = "str"\n', "Did you mean 'type'"),
        ('key = ["nam"]\n[columns.name]\ntype = "str"\n', "Did you mean 'name'"),
        ('description = "x"\n', "no columns are described"),
        ('[[sums]]\ncolumn = "name"\nby = []\ntotl = 1\n[columns.name]\n', "cannot be understood"),
    ],
)
def test_broken_sidecar(tmp_path, sidecar, word):
    (tmp_path / "ports.toml").write_text(sidecar)
    (tmp_path / "ports.csv").write_text("name\nRotterdam\n")
    with pytest.raises(data.DataError) as caught:
        data.load(tmp_path)
    assert any(problem.file == "ports.toml" and word in str(problem) for problem in caught.value.problems)


def test_new_table_needs_only_csv_and_toml(tmp_path):
    (tmp_path / "ports.toml").write_text(
        'key = ["name"]\n[columns.name]\n[columns.iso3]\nallowed_from = "countries.iso3"\n'
        '[columns.open]\ntype = "bool"\n'
    )
    (tmp_path / "ports.csv").write_text("name,iso3,open\nRotterdam,NLD,true\nDurban,ZAF,no\n")
    ports = data.load(tmp_path).ports
    assert ports["open"].tolist() == [True, False]


def test_shares_that_do_not_add_up(tmp_path):
    (tmp_path / "mix.toml").write_text(
        '[[sums]]\ncolumn = "share"\nby = ["metal"]\n[columns.metal]\n[columns.share]\ntype = "float"\nunit = "1"\n'
    )
    (tmp_path / "mix.csv").write_text("metal,share\na,0.5\na,0.5\nb,0.7\nb,0.2\n")
    with pytest.raises(data.DataError) as caught:
        data.load(tmp_path)
    problem = only([problem for problem in caught.value.problems if problem.file == "mix.csv"])
    assert (problem.row, problem.column) == (4, "share")
    assert "metal b: the sum is 0.9" in problem.wrong


def test_all_problems_of_all_tables_at_once(tmp_path):
    (tmp_path / "groups.csv").write_text("group,iso3,source\nEU27,QQQ,x\nEU27,,y\n")
    text = (SHIPPED / "secondary_refined.csv").read_text()
    (tmp_path / "secondary_refined.csv").write_text(cell(2, "share", "2")(text))
    with pytest.raises(data.DataError) as caught:
        data.load(tmp_path)
    found = {(problem.file, problem.row) for problem in caught.value.problems}
    assert {("groups.csv", 2), ("groups.csv", 3), ("secondary_refined.csv", 2)} <= found


def test_own_folder_replaces_only_its_tables(tmp_path, tables):
    (tmp_path / "groups.csv").write_text("group,iso3,source\nMINE,DEU,test\n")
    mine = data.load(tmp_path)
    assert mine.groups["group"].tolist() == [*tables.groups["group"], "MINE"]
    assert mine.production.equals(tables.production)
    assert data.fingerprint(mine) != data.fingerprint(tables)
    assert data.fingerprint(tmp_path) == data.fingerprint(mine)


def test_fingerprint_is_stable_and_follows_a_single_cell(tables):
    assert data.fingerprint(tables) == data.fingerprint(data.load())
    changed = tables.groups.copy()
    changed.loc[0, "source"] = "another"
    assert data.fingerprint(tables.replace(groups=changed)) != data.fingerprint(tables)


def test_tables_answer_for_units_and_near_misses(tables):
    assert tables.column("production", "reconciled_t").unit == "t/year"
    with pytest.raises(AttributeError, match="production"):
        tables.prodution  # noqa: B018
    with pytest.raises(KeyError, match="reconciled_t"):
        tables.column("production", "reconcilled_t")


def test_every_table_is_read_once(monkeypatch, tmp_path):
    read = []
    monkeypatch.setenv("LODEFLOW_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(
        "lodeflow.data.loader.read_table", lambda path, *rest: read.append(path.stem) or read_table(path, *rest)
    )
    data.load()
    assert sorted(read) == data.table_names()
    data.load()
    assert len(read) == len(data.table_names()), "the second time they come from the cache"


def test_every_row_has_a_source_and_estimates_have_a_reason(tables):
    for name, frame in tables.items():
        assert (frame["source"] != "").all(), name
        if {"status", "reason"} <= set(frame):
            unexplained = frame[frame["status"].isin(["derived", "assumed"]) & (frame["reason"] == "")]
            assert unexplained.empty, (name, unexplained.head())


def test_every_column_says_what_it_is(tables):
    for name in tables:
        for column in tables.schema(name).columns.values():
            assert column.description, (name, column.name)


def test_world_totals_have_the_known_size(tables):
    production = tables.production[tables.production["year"] == 2024]
    tonnes = production["observed_t"].fillna(production["assumed_t"])
    totals = tonnes.groupby([production["metal"], production["stage"]]).sum()
    for key, (low, high) in TOTALS_2024.items():
        assert low <= totals[key] <= high, (key, totals[key])


def share(tables, metal, stage, iso3, year):
    rows = tables.production.query("metal == @metal and stage == @stage and year == @year")
    return rows.loc[rows["iso3"] == iso3, "reconciled_t"].sum() / rows["reconciled_t"].sum()


@pytest.mark.parametrize(
    ("metal", "stage", "iso3", "year", "low", "high"),
    [
        ("cobalt", "mine", "COD", 2024, 0.70, 0.78),
        ("cobalt", "refine", "CHN", 2024, 0.70, 0.85),
        ("nickel", "mine", "IDN", 2024, 0.55, 0.66),
        ("copper", "mine", "CHL", 2024, 0.20, 0.27),
        ("lithium", "mine", "AUS", 2024, 0.33, 0.42),
        ("lithium", "refine", "CHN", 2024, 0.62, 0.75),
        ("gallium", "refine", "CHN", 2024, 0.97, 1.0),
        ("neodymium-praseodymium", "refine", "CHN", 2024, 0.88, 0.94),
        ("neodymium-praseodymium", "mine", "CHN", 2010, 0.93, 1.0),
        ("dysprosium-terbium", "refine", "CHN", 2020, 0.99, 1.0),
        ("graphite", "mine", "CHN", 2024, 0.75, 0.85),
    ],
)
def test_country_shares_have_the_known_size(tables, metal, stage, iso3, year, low, high):
    assert low <= share(tables, metal, stage, iso3, year) <= high


def test_production_is_complete_from_2009_to_2024(tables):
    production, years = tables.production, set(range(2009, 2025))
    for row in tables.metals.itertuples():
        stages = ["refine", "mine"] if row.feed_form else ["refine"]
        for stage in stages:
            rows = production[(production["metal"] == row.metal) & (production["stage"] == stage)]
            assert years <= set(rows["year"]), (row.metal, stage)
            world = rows.groupby("year")["reconciled_t"].sum()
            assert (world.loc[2009:2024] > 0).all()
    for host in ("zinc", "alumina"):
        assert years == set(production.loc[production["metal"] == host, "year"])


def test_a_row_is_either_observed_or_estimated(tables):
    production = tables.production
    assert (production["observed_t"].isna() != production["assumed_t"].isna()).all()
    assert (production["observed_t"].notna() == (production["status"] == "observed")).all()


def test_no_world_total_hides_among_the_countries(tables):
    assert not tables.production["iso3"].isin(["WLD", "OTH"]).any()
    assert not tables.supply_outlook["iso3"].isin(["WLD", "OTH"]).any()


def test_base_prices_are_complete_and_on_metal_content(tables):
    prices = tables.base_prices.pivot_table(index="metal", columns="year", values="price_usd_per_t")
    assert set(prices.index) == set(tables.metals["metal"])
    assert list(prices.columns) == list(range(2005, 2025))
    assert prices.loc[:, 2009:].notna().all().all()
    assert set(prices.index[prices[2005].notna()]) == {"lithium", "cobalt", "nickel", "copper"}
    assert prices.loc["lithium", 2022] == pytest.approx(63_700 / 0.188, rel=1e-3)
    assert 8_900 < prices.loc["copper", 2024] < 9_400
    quoted = tables.prices[tables.prices["quoted_unit"] == "USD/t"]
    assert (quoted["price_usd_per_t"] * quoted["basis_factor"]).to_numpy() == pytest.approx(
        quoted["quoted_price"].to_numpy(), rel=1e-4
    )


def test_trade_shares_are_shares_between_two_places(tables):
    trade = tables.trade_shares
    assert (trade["importer"] != trade["exporter"]).all()
    assert (trade["year_from"] <= trade["year_to"]).all()
    for side in ("importer", "exporter"):
        part = trade[trade["share_of"] == side]
        total = part.groupby(["metal", "form", side, "year_from", "year_to"])["share"].sum()
        assert (total <= 1.001).all(), total[total > 1.001]
    assert len(trade) < 4000


def test_hosts_produce_what_they_carry(tables):
    places = tables.production.groupby(["metal", "stage"])["iso3"].agg(set)
    for row in tables.hosts.itertuples():
        if row.host == "tin":  # no source says by country how much tin is made
            continue
        assert (row.host, row.host_stage) in places.index
        if row.iso3 != "*":
            assert row.iso3 in places[row.host, row.host_stage] or row.share == 0.0
