"""What is asked of the world: scenario files, the run with and without its shocks, and the result store."""
