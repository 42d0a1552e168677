"""Which runs to train: the plan of an exploration, the search for the best."""
