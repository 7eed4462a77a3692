"""Structural steps: numbering, sub-headings, counters, comments, boilerplate."""
