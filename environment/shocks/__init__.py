"""Shocks and policies: what they are, what is believed of them, and what they write."""
