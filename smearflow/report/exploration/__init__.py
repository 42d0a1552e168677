"""What an exploration found, in words: answers, evidence, tables, its page."""
