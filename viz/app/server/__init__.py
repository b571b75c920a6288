"""The server of the dashboard: its addresses and limits."""
