"""Synthetic cover letters: drafts, planted defects, the finished letter."""
