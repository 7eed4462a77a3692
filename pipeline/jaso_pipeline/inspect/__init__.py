"""Commands that look: list, show, status, doctor, prompts and tokens."""
