"""Parallel execution: shards, workers, executors (processes or a cluster)."""
