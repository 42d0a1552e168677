"""What monitoring says, in words, without pictures or pages: stages print it, too."""
