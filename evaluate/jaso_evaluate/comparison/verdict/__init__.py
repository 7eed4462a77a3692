"""Verdict of a comparison: who is better, in which measures, what to distrust."""
