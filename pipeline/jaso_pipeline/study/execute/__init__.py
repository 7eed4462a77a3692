"""Study execution: scheduler, executors, workers, event log."""
