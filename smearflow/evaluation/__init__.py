"""Figures of a classifier, with their uncertainty."""
