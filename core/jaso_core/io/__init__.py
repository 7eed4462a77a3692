"""Files: JSON, JSONL and Parquet written atomically, sentences, the Hugging Face Hub."""
