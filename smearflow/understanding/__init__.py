"""What is known of labelled cells before anything is trained on them, in numbers."""
