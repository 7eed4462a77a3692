"""Sources other than sites: tables, AI Hub's archives, the synthetic corpus.

Those of sites are in `sites/`.
"""

from __future__ import annotations

from jaso_crawl.source_registry import REPLACED, SOURCES, Source, StoredSource

__all__ = ["REPLACED", "SOURCES", "Source", "StoredSource"]
