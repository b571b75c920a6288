"""One visitor's world: stepped in a thread, kept as arrays, shown as charts and maps."""
