"""What the runs of an exploration say: numbers and labels, no words."""
