"""Fitting the few uncertain parameters to the episodes, and saying how well the episodes know them."""
