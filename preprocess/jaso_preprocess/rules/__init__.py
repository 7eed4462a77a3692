"""Rules shared by steps: idempotent edits, disfluencies, boilerplate phrases."""
