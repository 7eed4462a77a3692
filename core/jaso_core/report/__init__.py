"""Report toolkit: tables, escapers, number formats, pages, plots and SVG."""
