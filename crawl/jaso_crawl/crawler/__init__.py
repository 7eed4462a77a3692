"""The crawler: list pages, page loading, validation, filters, tombstones."""
