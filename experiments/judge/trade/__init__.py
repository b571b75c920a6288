"""Judging the base-year network: who sells what to whom, beside customs records that it was built on or has not seen.

`board.run_board()` draws up worlds of one base year that know customs to different years (`network`), and lays their flows
beside the records of that year (`scores`).
"""
