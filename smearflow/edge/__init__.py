"""The exported model and what runs it."""
