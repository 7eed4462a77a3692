"""Metrics for Hugging Face `evaluate`; `modules/` holds the loadable files."""
