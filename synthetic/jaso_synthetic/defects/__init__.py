"""Defects planted in letters: whole lines and inside sentences."""
