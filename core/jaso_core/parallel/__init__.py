"""Processes: distributed training, worker initialisation, CPU count, Slurm."""
