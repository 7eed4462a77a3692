"""Crawl package: sources that yield documents for the jaso pipeline."""

import jaso_core  # noqa: F401 - makes former module paths importable
