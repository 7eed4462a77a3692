"""Algorithms behind metrics: n-grams, LCS, EED, longest match, tf-idf, k-means."""
