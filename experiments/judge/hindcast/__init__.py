"""History as the judge: episodes of the past run from what was known then, and scored against what was observed.

`scoreboard.run_scoreboard()` plays the shipped episodes, `observed` lays a user's own series over any run, `register` keeps
forecasts that can be scored later, `baseline` compares with the scores that are shipped.
"""
