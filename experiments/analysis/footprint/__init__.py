"""Energy and greenhouse gases through the chain: who emits, for whom, what recycling avoids; steel and aluminium beside.

``account`` follows energy and emissions through the flow account of a run, ``lots`` tells the footprint of what a country buys by
its path, ``report`` puts it into tables, ``materials`` does the same for steel and aluminium, which have no agents.
"""

from __future__ import annotations
