"""Normalising steps: Unicode, HTML rests, white space, spacing, repeats, hanja."""
