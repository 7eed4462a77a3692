"""The roof of jaso: the command line, the whole chain, and what looks at every stage."""

import jaso_core  # noqa: F401 - makes former module paths importable
