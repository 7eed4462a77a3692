"""Run `python -m jaso_pipeline` as `jaso`."""

from jaso_pipeline.cli.entry_point import main

main()
