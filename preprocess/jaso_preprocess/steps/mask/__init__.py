"""Masking steps: companies, personal data, entities, runs."""
