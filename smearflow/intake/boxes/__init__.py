"""Cells marked by boxes in images of whole fields of view."""
