"""Trainings whose packed batches had another loss than their examples one by one.

Before the check that train manifests hold as `counts.batching`, packed batches (and every validation) ignored sliding
windows, soft caps and sinks, and in some architectures examples saw each other. Such runs are named, not refused: what
`jaso evaluate` says of their weights is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaso_core.errors import JasoError
from jaso_core.io.files import read_json
from jaso_core.stage.manifest import read_manifest

_LEAKING = frozenset({
    "bamba", "bloom", "falcon", "falcon_h1", "falcon_mamba", "jamba", "lfm2", "lfm2_moe", "llama4_text", "mamba",
    "mamba2", "minimax", "mpt", "nemotron", "nemotron_h", "openai-gpt", "recurrent_gemma", "rwkv", "stablelm", "xglm",
    "zamba", "zamba2",
})  # fmt: skip
"""Architectures whose examples saw each other: measured, each on a tiny shape."""
_WITH_SINKS = frozenset({"gpt_oss", "granite_swa", "granitemoe_swa", "mimo_v2_flash"})
_CURE = "train it once more"


def describe_wrong_loss(folder: Path) -> str | None:
    """Return, in a sentence, why a training's loss was wrong; None where it was not.

    `folder`: of `jaso train`. Anything else, and a folder without a readable manifest or configuration, gives None.
    """
    try:
        manifest = read_manifest(folder)
        if manifest is None or manifest.stage != "train" or "batching" in manifest.counts:
            return None
        config = read_json(folder / "model" / "config.json")
    except (JasoError, OSError):
        return None
    trainer = manifest.request.get("trainer") or {}
    defect = _defect(config, int(trainer.get("max_length", 256)))
    if defect is None:
        return None
    subject = "loss and validation were" if trainer.get("batching", "packed") == "packed" else "logged validation was"
    return f"its {subject} computed by a former version, where {defect}: {_CURE}"


def _defect(config: Mapping[str, Any], longest: int) -> str | None:
    kind = config.get("model_type")
    if kind in _LEAKING:
        return f"packed examples of '{kind}' saw each other"
    if kind in _WITH_SINKS:
        return "packed batches had no attention sinks"
    if config.get("attn_logit_softcapping"):
        return "packed batches had no soft cap of attention"
    window = config.get("sliding_window")
    is_used = config.get("use_sliding_window") is not False
    layers = config.get("layer_types")
    has_layer = layers is None or "sliding_attention" in layers
    if isinstance(window, int) and 0 < window < longest and is_used and has_layer:
        return f"packed batches had no sliding window ({window} tokens)"
    return None
