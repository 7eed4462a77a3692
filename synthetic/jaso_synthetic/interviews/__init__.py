"""Synthetic interviews in the format of AI Hub 71592: text, JSON, zips."""
