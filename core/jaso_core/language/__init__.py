"""Language of messages, pages and cards: English, or Korean from one catalogue.

The code and the templates are English. What is printed or rendered is translated at the door, by `ko.json`: English
with {} for each value → Korean with {1}, {2} … Files that programs read are never translated.
"""

from __future__ import annotations

from jaso_core.language.catalogue import translate
from jaso_core.language.setting import LANGUAGES, language, use_language

__all__ = ["LANGUAGES", "language", "translate", "use_language"]
