"""One run with and without its shocks: the run, its results on disk, and what they show."""
