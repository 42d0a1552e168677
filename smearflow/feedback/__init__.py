"""Labels that people bring back: what they said, what counts, what to ask next."""
