"""`jaso sheet make`: assignment of texts to raters, workbooks, instructions."""
