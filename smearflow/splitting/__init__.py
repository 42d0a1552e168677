"""Who is on which side of the split, and the sides packed."""
