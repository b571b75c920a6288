"""What happens to a host, such as zinc, is drawn beside the one metal that a run is about."""

from __future__ import annotations

from dataclasses import replace

from lodeflow.viz.event import Event
from lodeflow.viz.frames import Run


def test_a_cut_of_a_host_is_about_the_metal_of_the_run(run: Run) -> None:
    cut = Event.read({"kind": "outage", "metals": ["zinc"], "start": "2025-01"})
    both = replace(run, events=[cut])
    assert not any(event.touches("cobalt") for event in both.acts("cobalt")), (
        "a run of two metals does not say whose host it is"
    )
    alone = replace(run, events=[cut], series=run.series[run.series["metal"].astype(str) == "cobalt"])
    assert alone.metals == ["cobalt"]
    assert all(event.touches("cobalt") for event in alone.acts("cobalt"))
    assert alone.acts("cobalt")[0].label == cut.label
