"""Metrics over embeddings: BERTScore, MAUVE."""
