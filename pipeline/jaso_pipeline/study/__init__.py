"""`jaso study`: run a grid of cells, compare them, write one report.

Only the cells that are missing are run.
"""
