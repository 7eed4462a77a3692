"""jaso preprocess."""
