"""Comparisons and small batches, made in processes of their own."""
