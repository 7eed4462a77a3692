"""Freezing strategies, one file each."""
