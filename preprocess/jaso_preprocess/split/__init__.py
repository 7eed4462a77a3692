"""Train, validation and test: assignment by group, the previous split."""
