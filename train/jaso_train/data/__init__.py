"""Training data: dataset, collators (padding, packing), sampler."""
