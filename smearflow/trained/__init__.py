"""What is kept of the final training: the model as a folder, and what decided its last bits."""
