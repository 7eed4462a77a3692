"""Top package of jaso: command line, pipeline, studies, inspection commands."""

import jaso_core  # noqa: F401 - makes former module paths importable
