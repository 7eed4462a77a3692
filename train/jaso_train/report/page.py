"""Render the Jinja templates of this package."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from jaso_train.report.number_format import count


def page(template: str, **context: Any) -> str:
    """Render a template as text that UTF-8 can encode, escaped unless marked safe."""
    environment = Environment(
        loader=PackageLoader("jaso_train.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.globals["count"] = count
    return environment.get_template(template).render(**context).encode("utf-8", "replace").decode("utf-8")
