"""From tables to the first month: base year, demand, firms, trade, past, and the rehearsal of the expected path."""
