"""`python -m lodeflow` is the same as `lodeflow`."""

from lodeflow.cli.main import main

main()
