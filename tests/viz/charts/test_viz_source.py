"""Every chart of a report says below it, and inside its file, what made it."""

import io

from PIL import Image

from lodeflow.viz import style

MADE = {
    "scenario": "a-ban",
    "seed": 7,
    "versions": {"lodeflow": "1.2.3"},
    "data_hash": "0123456789abcdef",
    "start": "2024-01",
    "end": "2030-12",
}


def test_a_picture_names_scenario_seed_version_data_and_months_below_it_and_in_its_file():
    figure = style.new_figure(3.0)
    figure.subplots().plot([0, 1])
    style.finish(figure, "A finding", "What it shows.", MADE, note="A note.\nAnother one.")
    line = "source: Lodeflow run a-ban, seed 7, version 1.2.3, data 0123456789ab, 2024-01 to 2030-12"
    assert figure.get_supxlabel().splitlines()[-1] == line
    inside = Image.open(io.BytesIO(style.png(figure))).text
    assert inside["Source"] == line
    assert inside["Title"] == "A finding"
    assert inside["Description"] == "What it shows."


def test_what_a_manifest_does_not_say_is_left_out():
    assert style.source({"scenario": "x", "seed": 1}) == "source: Lodeflow run x, seed 1, version ?"
