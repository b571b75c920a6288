"""The charts: each takes a `Run` and returns a matplotlib Figure with title, units and source."""

from lodeflow.viz.charts.decisions import decisions
from lodeflow.viz.charts.flows import flow_picture
from lodeflow.viz.charts.money import money
from lodeflow.viz.charts.network import network
from lodeflow.viz.charts.overview import overview
from lodeflow.viz.charts.price import price
from lodeflow.viz.charts.profile import profile
from lodeflow.viz.charts.shortage import shortage
from lodeflow.viz.charts.stocks import stocks
from lodeflow.viz.charts.suppliers import suppliers
from lodeflow.viz.charts.why import why

__all__ = [
    "decisions",
    "flow_picture",
    "money",
    "network",
    "overview",
    "price",
    "profile",
    "shortage",
    "stocks",
    "suppliers",
    "why",
]
