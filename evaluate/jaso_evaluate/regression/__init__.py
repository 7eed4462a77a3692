"""The regression gate: what a run is held against, how, and what is told about it."""
