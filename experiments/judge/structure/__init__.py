"""Judging structure: who produces where, what demand against a trend does to prices, and what a ban builds.

`board.run_board()` makes the runs of the protocol (`runs`), and lays shares, the trend mode, cases of history and variants of
structure beside simple forecasts; `baseline` compares with what is shipped.
"""
