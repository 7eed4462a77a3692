"""Language setting: lang=, else JASO_LANG, else the locale."""

from __future__ import annotations

import os

LANGUAGES = ("en", "ko")
VARIABLE = "JASO_LANG"
"""Environment variable with the language; processes that a command starts inherit it."""


def language() -> str:
    """Return "ko" or "en": JASO_LANG, else Korean for a Korean locale, else English.

    ValueError for another JASO_LANG.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return _checked(chosen)
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "ko" if locale.lower().startswith("ko") else "en"


def use_language(name: str) -> None:
    """Set the language of this process and of those that it starts.

    ValueError for an unknown one.
    """
    os.environ[VARIABLE] = _checked(name)


def _checked(name: str) -> str:
    if name not in LANGUAGES:
        raise ValueError(f"'{name}' is no language of jaso: {', '.join(LANGUAGES)}")
    return name
