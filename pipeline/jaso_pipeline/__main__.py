"""`python -m jaso_pipeline` is `jaso`."""

from jaso_pipeline.cli.main import main

main()
