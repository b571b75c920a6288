"""Where every tonne goes: country flow accounts of a run, and what they say about dependence, routes, origin and recycling.

``account`` makes the account from the movements of a run and proves that it closes, ``supply`` reads routes and dependence from
it, ``origin`` follows metal from the mine through trade, ``recycling`` tells old from new scrap, ``report`` puts it into tables,
``source`` finds the run.
"""

from __future__ import annotations
