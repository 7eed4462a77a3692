"""Report toolkit: plots and SVG for all pages."""
