"""jaso evaluate."""
