"""Tables that a user hands in: CSV, TSV, JSONL, Parquet and xlsx, all read as text."""
