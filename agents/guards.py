"""Numerical guards of the rules, all in one place: bounds inside which powers and logarithms of prices are taken.

They keep a rule finite when a market has all but vanished. Prices, bids and asks are relative to their anchors, so 1 is normal.
What shapes behaviour inside these bounds is a parameter (``data/tables/parameters.csv``). Only the bounds of the compiled loops
stand with them, in ``environment/market/clearing.py``: compiled code is kept by the date of its own file.
"""

from __future__ import annotations

NOTHING = 1e-12
"""t, t/month or a share that stands in for zero below a fraction line."""
MOST_COST = 0.95
"""Largest separation cost over the value of what comes out that a channel dearer than formal plants may have."""
LEAST = 1e-300
"""The smallest number that is divided by, where zero over zero is meant to be zero."""
SAME = 1e-9
"""ln points below which two quantities count as equal where their logarithmic mean is taken."""
USE_PRICE = (0.05, 100.0)
"""Prices at which the short-run response of use is evaluated."""
SUBSTITUTION_PRICE = 20.0
"""Price beyond which substitution goes no further."""
COLLECTION_PRICE = (0.1, 10.0)
"""Prices of scrap at which the response of collection is evaluated."""
RECYCLER_BID = (0.1, 6.0)
"""Bids for scrap at which the response of recyclers is evaluated."""
RELEASE_ASK = (0.3, 10.0)
"""Asks at which the release of sellers' stocks is evaluated."""
BARGAIN_PRICE = (0.2, 1.0)
"""Prices at which buyers stock up because metal is cheap; above normal they do not."""
CHARGE_AVAILABILITY = (0.05, 20.0)
"""Availability of feed at which the treatment charge is evaluated."""
CHARGE_PRICE = 3.0
"""Refined price beyond which the treatment charge grows no further."""
LEAST_BID = 0.05
"""Least bid for feed and scrap: they are never worth nothing."""
EARNED = (0.05, 50.0)
"""What a refinery earns over its charge of the base year, as far as its logarithm is taken: a loss counts as next to nothing."""
DRAWING_MARGIN = (-3.0, 3.0)
"""Margins, ln points, at which the draw of new capacity is evaluated."""
LEAST_FEASIBLE = 0.05
"""Least share of its wanted output that a factory is judged by."""
HALF_WAY = 0.5
"""Weight of the seller's ask where partners who are free to trade meet half-way."""
MOST_TAX = 0.99
"""Largest share of the price that an export tax can take."""
LEAST_REACH = 0.01
"""Least share of what a buyer pays that reaches the seller when duty and freight are taken off."""
DAYS_A_MONTH = 30.4
"""Days of a mean month."""
NO_STOCK = 1e-6
"""Supply over a seller's normal month at which it has nothing to sell."""
NO_OUTLET = 1e-9
"""Allocated flow over a seller's normal month at which it has no outlet."""
PROCESS_WORTH = (0.01, 100.0)
"""What an added process earns over its hurdle, as far as its logarithm is taken."""
LEAST_PLAN = 0.02
"""Least planned output relative to the base month."""
MOST_BOUGHT = 2.0
"""Most that is bought in a month over the usual, where products leave use later than they would have."""
MOST_ODDS = 50.0
"""ln odds beyond which a chance is never or always."""
