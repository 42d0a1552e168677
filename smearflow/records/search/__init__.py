"""What the search reads, and what it leaves."""
