"""Text generation: decode loop, sampling, KV cache and engines.

The engines are transformers and vLLM.
"""

from __future__ import annotations

from jaso_core.moved_modules import former_names

__getattr__ = former_names(__name__)
