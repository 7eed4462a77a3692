"""Analysis of human ratings: agreement, raters, pairs of runs, intervals."""
