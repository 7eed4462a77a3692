"""Readers of users' tables: CSV, TSV, JSONL, Parquet and xlsx, all as text."""
