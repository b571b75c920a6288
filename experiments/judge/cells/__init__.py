"""Judging the choice of battery cells: shares fitted to what was published up to 2020, beside what came after."""
