"""The live dashboard: every visitor plays a world of their own, fires shocks at it and sees them spread.

`lodeflow.viz.app.world.session` holds one visitor's world and knows nothing of the page; `lodeflow.viz.app.world.player` steps it in a thread;
`lodeflow.viz.app.page` is the Solara application that shows it.
"""
