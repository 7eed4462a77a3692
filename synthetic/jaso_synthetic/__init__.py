"""Synthetic corpus of Korean career writing with planted, recorded defects."""
