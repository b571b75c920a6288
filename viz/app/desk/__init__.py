"""The desk at which shocks are fired and scenarios are kept."""
