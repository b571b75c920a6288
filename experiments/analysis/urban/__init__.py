"""The urban mine: metal in use, in drawers, discarded and in waste by product and region, graded, beside the primary reserve."""
