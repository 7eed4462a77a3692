"""Metrics of style: length, repetition, diversity, speech level, relevance, field."""
