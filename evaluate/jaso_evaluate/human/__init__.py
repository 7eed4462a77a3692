"""Score sheets for human raters: made blind, validated when read back, analysed."""
