"""English texts in the code and the templates, as keys of the catalogue have them: "{}" for each value."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

CALLS = {"say", "RequestError", "WorkError", "NotMeasurable"}
"""What is called with a text for people."""

_PRINTED = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_BLOCK = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_RAW = re.compile(r"<(style|script|code|pre)\b.*?</\1>", re.DOTALL)
_LABEL = re.compile(r'\s(?:aria-label|title|placeholder)="([^"]*)"')


def messages(file: Path) -> Iterator[str]:
    """Texts of the calls in a Python file; of a conditional expression both."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS:
            for argument in node.args:
                if isinstance(argument, ast.Name) and argument.id in constants:
                    argument = constants[argument.id]
                yield from (text.strip() for text in _texts(argument) if _has_words(text))


def page_texts(file: Path) -> Iterator[str]:
    """Texts between the tags of a template, and labels for screen readers."""
    source = _RAW.sub("", file.read_text(encoding="utf-8"))
    labels = [_PRINTED.sub("{}", label) for label in _LABEL.findall(source) if "{%" not in label]
    # A block inside of a tag goes with it; between tags it parts two texts.
    pieces = re.split("[\0]", _TAG.sub("\0", _BLOCK.sub("\0", _PRINTED.sub("{}", source))))
    for piece in (*labels, *pieces):
        text = " ".join(html.unescape(piece).split())
        if _has_words(text):
            yield text


def _has_words(text: str) -> bool:
    return re.search(r"[A-Za-z]{2,}", text.replace("{}", "")) is not None


def _texts(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            texts = [""]
            for value in values:
                pieces = _texts(value.value) if isinstance(value, ast.FormattedValue) else _texts(value)
                if isinstance(value, ast.FormattedValue) and not isinstance(value.value, ast.IfExp):
                    pieces = ["{}"]
                texts = [text + piece for text in texts for piece in pieces or ["{}"]]
            return texts
        case ast.IfExp(body=body, orelse=orelse):
            return [*(_texts(body) or ["{}"]), *(_texts(orelse) or ["{}"])]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [a + b for a in _texts(left) or ["{}"] for b in _texts(right) or ["{}"]]
        case ast.Call(func=ast.Name(id="Lines"), args=[text]):
            return _texts(text)
    return []
