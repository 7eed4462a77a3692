"""Near-duplicates: MinHash, signatures, groups, which copy stays."""
