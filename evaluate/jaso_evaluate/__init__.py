"""jaso evaluate."""

import jaso_core  # noqa: F401 - makes former module paths importable
