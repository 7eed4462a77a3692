"""Defects that are planted in letters: whole lines and inside sentences."""
