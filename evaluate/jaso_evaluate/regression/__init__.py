"""Regression gate: a run compared with its baseline, with tolerances and a report."""
