"""Models: loading checkpoints and weights, encoding prompts with labels."""
