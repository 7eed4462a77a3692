"""Hanja readings: table, lexicon, reader."""
