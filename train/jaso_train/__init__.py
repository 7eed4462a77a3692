"""Train: examples in, a model with its tokenizer and its prompt format out."""
