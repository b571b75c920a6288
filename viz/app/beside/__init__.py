"""Worlds beside the one on screen: those a visitor keeps, the spread of many quick runs, who is hit, and previews of measures."""
