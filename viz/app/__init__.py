"""The live dashboard: every visitor plays a world of their own, fires shocks at it and sees them spread.

`world.session` holds one visitor's world and knows nothing of the page; `world.player` steps it in a thread;
`lodeflow.viz.app.page` is the Solara application that shows it.
"""
