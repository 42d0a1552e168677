"""What crosses a stage's border: a typed record per file, read and written here alone."""
