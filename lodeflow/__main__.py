"""`python -m lodeflow` is the same as `lodeflow`."""

from lodeflow.cli import main

main()
