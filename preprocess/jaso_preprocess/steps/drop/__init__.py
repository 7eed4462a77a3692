"""Dropping steps: language and length."""
