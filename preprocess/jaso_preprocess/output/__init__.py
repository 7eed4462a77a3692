"""Output: the corpus writer and its statistics."""
