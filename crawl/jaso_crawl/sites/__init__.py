"""Site parsers and their sources: one folder per site; parsers do no I/O."""
