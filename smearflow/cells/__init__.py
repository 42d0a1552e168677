"""Cells: images on disk, their names, their table, their split, their pixels."""
