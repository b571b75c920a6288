"""Governments that decide from what is published: restrict, retaliate, stockpile, support, side with friends, lift."""
