"""What is written down of a run: recorder, series, indicators, states of agents."""
