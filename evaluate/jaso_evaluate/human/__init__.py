"""Score sheets for people: made blind, read back with every cell checked, and turned into numbers."""
