"""What a batch says: which inputs matter, and when it goes wrong."""
