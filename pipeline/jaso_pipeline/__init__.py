"""jaso pipeline."""
