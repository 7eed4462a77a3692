"""Processes and threads: distributed training helpers, worker start-up, CPU counts."""
