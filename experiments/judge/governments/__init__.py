"""Judging governments: restrictions that they take in ensembles of worlds, beside those of the table of events."""
