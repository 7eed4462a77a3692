"""Rules that several steps share: idempotent edits, disfluencies, boilerplate phrases."""
