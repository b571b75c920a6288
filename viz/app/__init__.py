"""The live dashboard: every visitor plays a world of their own, fires shocks at it and sees them spread.

`viz.app.session` holds one visitor's world and knows nothing of the page; `viz.app.player` steps it in a thread;
`viz.app.page` is the Solara application that shows it.
"""
