"""The training loop: trainer, callbacks, validation, unfreezing."""
