"""Who is hit hardest."""

from __future__ import annotations

import pandas as pd
import pytest

from experiments.hit import COUNTRY, PRODUCT, SMALL, Hit, hits_in, hits_of, ranked

NORMAL = {"CHN": 900.0, "JPN": 90.0, "ISL": 4.0}


def test_the_share_of_own_use_decides_and_tiny_users_do_not_count() -> None:
    hits = ranked({"CHN": 850.0, "JPN": 80.0, "ISL": 0.0}, NORMAL)
    assert hits == [Hit("JPN", pytest.approx(1 / 9), 10.0), Hit("CHN", pytest.approx(50 / 900), 50.0)]


def test_who_uses_just_more_than_the_floor_counts() -> None:
    normal = {"CHN": 1000.0, "ISL": 1.01 * SMALL * 1000.0 / (1.0 - SMALL)}
    assert [hit.name for hit in ranked({"CHN": 1000.0, "ISL": 0.0}, normal)] == ["ISL"]


def test_who_uses_as_much_or_more_is_not_hit() -> None:
    assert ranked({"CHN": 900.0, "JPN": 95.0}, {"CHN": 900.0, "JPN": 90.0}) == []


def test_equal_losses_have_one_order() -> None:
    normal = {"JPN": 100.0, "CHN": 100.0}
    assert [hit.name for hit in ranked({"JPN": 50.0, "CHN": 50.0}, normal)] == ["CHN", "JPN"]


def flows(column: str, rows: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Two months of a flow by name: (without, with) the shock in the second month."""
    dates = pd.to_datetime(["2024-01-01", "2024-02-01"])
    parts = [
        pd.DataFrame({"date": dates, "run": run, "metal": "tin", column: name, "value": [before, after]})
        for name, (before, shocked) in rows.items()
        for run, after in (("baseline", before), ("shock", shocked))
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_table_ranks_countries_and_products_from_the_first_news_on() -> None:
    regions = {"CHN": (90.0, 81.0), "JPN": (10.0, 8.0), "WLD": (100.0, 50.0), "EU27": (50.0, 0.0), "ROW": (40.0, 0.0)}
    series = flows("region", regions).assign(variable="use")
    uses = flows("product", {"solder": (60.0, 57.0), "cans": (40.0, 30.0)}).rename(columns={"value": "tonnes"})
    table = hits_of(series, uses, "2024-02")
    assert hits_in(table, "tin", COUNTRY) == [
        Hit("JPN", pytest.approx(0.2), pytest.approx(2.0)),
        Hit("CHN", pytest.approx(0.1), pytest.approx(9.0)),
    ]
    assert [(hit.name, hit.share) for hit in hits_in(table, "tin", PRODUCT)] == [
        ("cans", pytest.approx(0.25)),
        ("solder", pytest.approx(0.05)),
    ]
    assert hits_of(series, uses, None).empty
