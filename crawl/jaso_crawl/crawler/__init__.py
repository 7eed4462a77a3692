"""Crawler: list pages, page loading, validation, filters, tombstones."""
