"""The charts: each takes a `Run` and returns a matplotlib Figure with title, units and source."""

from viz.charts.flows import flow_picture
from viz.charts.network import network
from viz.charts.overview import overview
from viz.charts.price import price
from viz.charts.profile import profile
from viz.charts.shortage import shortage
from viz.charts.stocks import stocks
from viz.charts.suppliers import suppliers
from viz.charts.why import why

__all__ = ["flow_picture", "network", "overview", "price", "profile", "shortage", "stocks", "suppliers", "why"]
