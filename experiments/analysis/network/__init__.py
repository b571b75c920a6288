"""The trade of a run as networkx graphs, and what networkx says about them.

``graph`` reads a run, ``metrics`` measures trade year by year, ``losses`` takes one country out, ``report`` puts it into tables.
"""

from __future__ import annotations
