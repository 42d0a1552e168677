"""Where labelled cells come from."""
