"""Jinja environment of the static pages: no undefined names, HTML escaped."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from jaso_core.language.markup import translate_page


def page_environment(package: str, *, html: bool = True, keep_trailing_newline: bool = True) -> Environment:
    """Make the environment of the templates beside `package`.

    `html`: all that is not marked safe is escaped.
    """
    return Environment(
        loader=PackageLoader(package, "."),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=keep_trailing_newline,
    )


def render_page(environment: Environment, template: str, **context: Any) -> str:
    """Render a template; a page of HTML in the language that is set.

    As text that UTF-8 can encode: lone surrogates become "?".
    """
    text = environment.get_template(template).render(**context).encode("utf-8", "replace").decode("utf-8")
    return translate_page(text) if template.endswith(".html.j2") else text
