"""Talk to a model on the terminal, through the Python API."""
