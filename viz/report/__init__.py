"""Pages that open without a network: of a run, a batch, the hindcasts and the validation."""
