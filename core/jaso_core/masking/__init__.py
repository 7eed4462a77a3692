"""Masking: what points to a person or a company becomes a token. The steps mask_pii and mask_companies use it."""
