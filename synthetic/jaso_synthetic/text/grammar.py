"""A small recursive text grammar (template expansion).

A symbol has alternatives; an alternative is text with slots:

``{task}``      another symbol, or a word list of the writer
``{task|고}``   the same, its final verb conjugated (see ``conjugate``)
``{task1}``     bound: the same choice everywhere in one item; ``{task1}`` and ``{task2}`` always differ
``{#3-12}``     a number; ``{#30-90/5}`` in steps of five

An alternative that begins with ``@task1`` may be chosen only once ``{task1}`` is bound: it refers back. Symbols
``name@NEW`` and ``name@EXPERIENCED`` add alternatives for one experience level.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from jaso_synthetic.text.conjugate import conjugate

_SLOT = re.compile(r"\{([^{}|]+)(?:\|([^{}]+))?\}")
_MAX_DEPTH = 12
_NO_ECHO = frozenset({"task", "obj"})


@dataclass(frozen=True, slots=True)
class Slot:
    """One ``{…}`` of a template."""

    name: str
    base: str  # the name without its binding digit: "task" of "task1"
    ending: str | None
    number: tuple[int, int, int] | None  # low, high, step


def _parse_slot(name: str, ending: str | None) -> Slot:
    if name.startswith("#"):
        span, _, step = name[1:].partition("/")
        low, _, high = span.partition("-")
        return Slot(name, name, ending, (int(low), int(high), int(step or 1)))
    return Slot(name, name.rstrip("0123456789"), ending, None)


@lru_cache(maxsize=32768)
def parse(template: str) -> tuple[str | Slot, ...]:
    """Split a template into literal text and slots."""
    parts: list[str | Slot] = []
    position = 0
    for match in _SLOT.finditer(template):
        if match.start() > position:
            parts.append(template[position : match.start()])
        # "{task|고} {#30-90/5}%" → [Slot task with ending 고, " ", Slot of 30, 35 … 90, "%"]
        parts.append(_parse_slot(match.group(1), match.group(2)))
        position = match.end()
    if position < len(template):
        parts.append(template[position:])
    return tuple(parts)


@dataclass(slots=True)
class Writer:
    """Expand symbols for one item, without repeating a choice before all are used."""

    rng: Random
    grammar: Mapping[str, Sequence[str]]
    words: Mapping[str, Sequence[str]]  # the writer's own word lists: task, tool, obj, ...
    fixed: Mapping[str, str]  # role, major, ... one value for the whole letter
    experience: str = "NEW"
    bound: dict[str, str] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=dict)
    recent: list[str] = field(default_factory=list)  # the last words that may echo each other
    trace: list[str] = field(default_factory=list)  # templates chosen, for measuring skeletons

    def _choose(self, name: str) -> str:
        # unused options first; when all are used, begin again
        options = self.words.get(name) or self._alternatives(name)
        used = self.used.setdefault(name, set())
        free = [option for option in options if option not in used and self._is_allowed(option)]
        if name in _NO_ECHO:
            free = [option for option in free if not self._is_echo(option)] or free
        if not free:
            used.clear()
            free = [option for option in options if self._is_allowed(option)]
        chosen = free[int(self.rng.random() * len(free))]
        used.add(chosen)
        if name in _NO_ECHO:
            self.recent = [*self.recent[-2:], chosen]
        return chosen.partition(" ")[2] if chosen[0:1] == "@" else chosen

    def _is_echo(self, option: str) -> bool:
        """Return whether a word would repeat in one phrase: 로그를 보며 로그를 분석하다."""
        return any(option in other or other in option for other in self.recent)

    def _is_allowed(self, option: str) -> bool:
        return option[0:1] != "@" or option[1:].partition(" ")[0] in self.bound

    def _alternatives(self, name: str) -> Sequence[str]:
        return alternatives(self.grammar, name, self.experience)

    def _value(self, slot: Slot, depth: int) -> str:
        if slot.number:
            low, high, step = slot.number
            return str(self.rng.randrange(low, high + 1, step))
        if slot.name in self.fixed:
            return self.fixed[slot.name]
        if slot.name != slot.base:
            # bound slot: {task1} is drawn from "task" once, then reused
            if slot.name not in self.bound:
                self.bound[slot.name] = self.expand(slot.base, depth)
            return self.bound[slot.name]
        return self.expand(slot.name, depth)

    def expand(self, name: str, depth: int = 0) -> str:
        """Return one random expansion of a symbol.

        Raises:
            KeyError: no such symbol.
            RecursionError: the grammar nests without end.
        """
        if depth > _MAX_DEPTH:
            raise RecursionError(f"grammar symbol {name!r} nests too deep")
        template = self._choose(name)
        if "{" not in template:
            return template
        if name not in self.words:
            self.trace.append(template)
        return self.fill(template, depth + 1)

    def fill(self, template: str, depth: int = 0) -> str:
        """Fill the slots of a template."""
        texts: list[str] = []
        for part in parse(template):
            if isinstance(part, str):
                texts.append(part)
                continue
            value = self._value(part, depth)
            texts.append(conjugate(value, _vary_ending(value, part.ending)) if part.ending else value)
        text = "".join(texts)
        return " ".join(text.split()) if "  " in text or text[:1] == " " else text  # an empty optional slot


def _vary_ending(phrase: str, ending: str) -> str:
    """Avoid …하며 …하며: a second -으며 becomes -으면서."""
    return "으면서" if ending == "으며" and "며 " in phrase else ending


_CACHE: dict[tuple[int, str, str], list[str]] = {}


def alternatives(grammar: Mapping[str, Sequence[str]], name: str, experience: str) -> Sequence[str]:
    """Return all alternatives of a symbol at one experience level.

    Raises:
        KeyError: the symbol is not defined.
    """
    # by identity: the cached grammars live as long as the process, and a mapping is not hashable
    key = (id(grammar), name, experience)
    if key not in _CACHE:
        templates = [*grammar.get(name, ()), *grammar.get(f"{name}@{experience}", ())]
        if not templates:
            raise KeyError(f"grammar has no symbol {name!r}")
        _CACHE[key] = templates
    return _CACHE[key]
