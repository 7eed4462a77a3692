"""Masking: names of persons and companies and personal data become tokens.

The cleaning steps mask_pii, mask_companies and mask_entities use it.
"""
