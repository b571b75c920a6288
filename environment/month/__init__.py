"""The phases of a month, in their order."""
