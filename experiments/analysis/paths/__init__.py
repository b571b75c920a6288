"""Paths to 2100: how far primary and secondary supply carry, under recycling rates and battery chemistries."""
