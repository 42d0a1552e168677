"""What one look at labelled cells shows."""
