"""Early warning, judged: an index that could be observed, a threshold set to 2015, and its cost after."""
