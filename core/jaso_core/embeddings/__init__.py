"""Text embeddings: encoder models and hidden states of causal LMs."""
