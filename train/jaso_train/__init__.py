"""jaso train."""
