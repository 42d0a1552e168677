"""What the stage analyse leaves: numbers and labels, no words."""
