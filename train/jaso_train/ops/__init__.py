"""Tensor operations: packed attention, chunked cross-entropy, causal-LM loss.

Also fused GELU.
"""
