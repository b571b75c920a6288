"""My position: what a shock does to a country's makers of a product, or to a company, and what helps most.

``position`` says who asks and what he uses, ``path`` follows his stock month by month, ``measures`` changes the position or the
world, ``report`` runs it all and ranks.
"""

from __future__ import annotations
