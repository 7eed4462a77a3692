"""Text utilities: edits, the Kiwi analyser, occupation codes, subsampling."""
