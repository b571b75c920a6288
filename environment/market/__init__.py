"""Edges between sellers and buyers, their clearing, and what is in use."""
