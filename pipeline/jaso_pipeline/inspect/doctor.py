"""`jaso doctor`: what this machine has, and how to install what it lacks."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jaso_core.parallel.cpu_count import cpu_count
from jaso_core.stage.manifest import versions

SYSTEM_PACKAGES = "apt-get install chromium chromium-driver fonts-nanum"


@dataclass(frozen=True)
class Finding:
    """One line: what was checked, its value, and the cure where it is missing."""

    what: str
    value: str
    cure: str = ""

    def __str__(self) -> str:
        mark = "--" if self.cure else "ok"
        return f"{mark}  {self.what:<18} {self.value}{f'  → {self.cure}' if self.cure else ''}"


def findings() -> Iterator[Finding]:
    """Yield all checks that decide whether and how jaso runs here."""
    for name, version in versions().items():
        yield Finding(name, version)
    yield from _check_browser()
    yield _check_cuda()
    yield _check_font()
    yield _check_hf_evaluate()
    yield Finding("cpu", f"{cpu_count()} cores")
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    yield Finding("free disk", f"{free:.1f} GiB", "" if free > 2 else "free at least 2 GiB")


def _check_browser() -> Iterator[Finding]:
    from jaso_crawl.browser.find_chromium import find_browser, find_driver

    for what, path in (("browser", find_browser()), ("chromedriver", find_driver())):
        if path is None:
            yield Finding(what, "not found; pages that need a browser are rejected", SYSTEM_PACKAGES)
        else:
            yield _check_program(what, path)


def _check_program(what: str, path: str) -> Finding:
    try:
        output = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return Finding(what, f"{path} does not start", SYSTEM_PACKAGES)
    return Finding(what, f"{' '.join(output.split()[:2])} ({path})")


def _check_cuda() -> Finding:
    import torch

    if not torch.cuda.is_available():
        return Finding("cuda", "none; training runs on the CPU")
    return Finding("cuda", f"{torch.cuda.device_count()} × {torch.cuda.get_device_name(0)}")


def _check_font() -> Finding:
    from matplotlib import font_manager

    candidates = ("NanumGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo")
    installed = {font.name for font in font_manager.fontManager.ttflist}
    font_name = next((name for name in candidates if name in installed), None)
    if font_name is None:
        return Finding("Korean font", "none; plots lean on the reader's browser", "apt-get install fonts-nanum")
    return Finding("Korean font", font_name)


def _check_hf_evaluate() -> Finding:
    spec = importlib.util.find_spec("evaluate")
    origin = spec.origin if spec is not None else None
    if origin is None:
        return Finding("HF evaluate", "not found or shadowed by a folder", "remove any evaluate/__init__.py")
    return Finding("HF evaluate", origin)
