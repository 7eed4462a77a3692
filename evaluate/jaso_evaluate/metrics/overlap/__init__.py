"""Metrics of overlap with a reference: BLEU, chrF, ROUGE, EED."""
