"""Inspection commands: list, show, status, doctor, prompts and tokens."""
