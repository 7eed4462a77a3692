"""Train, validation and test splits: assignment by group, the previous split."""
