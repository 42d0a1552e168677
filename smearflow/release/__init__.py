"""What leaves the house, and which model is in use."""
