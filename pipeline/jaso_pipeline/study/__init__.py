"""`jaso study`: a grid of cells over the configuration, run where it is missing, compared, and told in one report."""
