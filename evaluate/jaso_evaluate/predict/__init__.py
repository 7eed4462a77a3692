"""Predictions: generation over examples, likelihood, the n-gram baseline."""
