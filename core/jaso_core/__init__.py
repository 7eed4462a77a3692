"""Core of jaso: records, files, manifests, registries, prompts and generation.

No stage is imported here.
"""

from __future__ import annotations

from jaso_core import moved_modules

__version__ = "0.1.0"

moved_modules.install()
