"""File formats: atomic JSON, JSONL and Parquet, sentences, Hugging Face Hub."""
