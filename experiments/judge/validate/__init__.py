"""Judging long runs: published figures and data of the years after the base year, each beside what the model gives."""
