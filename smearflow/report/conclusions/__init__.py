"""What a run means for the one who asked: pure functions of its records."""
