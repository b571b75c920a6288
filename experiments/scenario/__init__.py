"""Scenario files: the model of a file, its checks, values put on top, and what is uncertain in it."""
