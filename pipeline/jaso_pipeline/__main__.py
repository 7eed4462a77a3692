"""`python -m jaso_pipeline` is `jaso`."""

from jaso_pipeline.cli.entry_point import main

main()
