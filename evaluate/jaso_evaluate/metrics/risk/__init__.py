"""Metrics of risk: leaked names and data, memorised training text."""
