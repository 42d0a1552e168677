"""Experiments and Bayesian tuning over training runs."""
