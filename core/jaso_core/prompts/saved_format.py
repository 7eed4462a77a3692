"""Prompt format as saved in a model's folder: whole, with a digest.

So it stays what the model was trained with.

A later change of markers, words or code must not change in silence what a trained model is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from jaso_core.config import to_settings
from jaso_core.errors import RequestError
from jaso_core.io.files import sha256_json
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.base import PromptFormat
from jaso_core.prompts.chat import ChatPrompt
from jaso_core.prompts.fields import FieldsOptions, FieldsPrompt, YamlPrompt
from jaso_core.prompts.specimen import SPECIMEN

FORMER_DIGESTS = {
    "continuation": "37bff43a34a0",
    "experience_question_answer": "e9342f0c7c97",
    "field_question_answer": "80ac5320be47",
    "occupation_experience_question_answer": "6e016eb6b32a",
    "occupation_experience_question_summary": "592b58db76d9",
    "occupation_question_answer": "5abb8704ac8b",
    "question_answer": "7b07dfb7bc76",
    "question_experience_occupation_answer": "8feccd50038f",
    "question_summary": "66ac46255951",
    "sentence_blocks": "7e80cafa69a6",
    "summary_answer": "95a87b3b3257",
}
"""The digest of each format in version b2f1752, which saved a format's name alone (with its default options)."""

_KEYS = tuple(f.name for f in fields(FieldsOptions))


def format_of(prompt: PromptFormat) -> dict[str, Any]:
    """Return all that decides what the format renders, as JSON.

    `rendered` and `target` are those of an invented example.
    """
    body: dict[str, Any] = {
        "name": prompt.name,
        "reads": list(prompt.reads),
        "writes": prompt.writes,
        "stops": list(prompt.stops),
        "code_words": {field: dict(words) for field, words in prompt.code_words.items() if field in prompt.reads},
        "rendered": [[piece.text, piece.marker] for piece in prompt.context(SPECIMEN)],
        "target": prompt.target(SPECIMEN),
    }
    if isinstance(prompt, FieldsPrompt):
        used = (*prompt.reads, prompt.writes)
        body["markers"] = {name: prompt.field_markers[name] for name in used if name in prompt.field_markers}
    if isinstance(prompt, ChatPrompt):
        body["chat"] = asdict(prompt.options)
    return body


def digest_of(prompt: PromptFormat) -> str:
    """The first 12 digits of a SHA-256 over `format_of`."""
    return sha256_json(format_of(prompt))[:12]


def request_node(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the format's config node as a stage's request holds it.

    That is its name alone where the format is as version b2f1752 had it.

    So what that version trained is still complete for the same command, and a changed format is trained again.
    """
    prompt = PROMPTS.build(node, "prompt")
    if FORMER_DIGESTS.get(prompt.name) != digest_of(prompt):
        return pinned_node(node, prompt)
    return {key: value for key, value in node.items() if key not in _KEYS}


def pinned_node(node: Mapping[str, Any], prompt: PromptFormat) -> dict[str, Any]:
    """Return the config node with the text of its chat template, if any."""
    if not isinstance(prompt, ChatPrompt):
        return dict(node)
    text = prompt.options.template if prompt.chat_template is None else prompt.chat_template.text
    return {**node, "template": text}


def saved_format(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the prompt.json of a format: node, whole format and digest.

    The node is its config node.
    """
    prompt = PROMPTS.build(node, "prompt")
    return {"prompt": dict(node), "format": format_of(prompt), "format_digest": digest_of(prompt)}


def restore_format(body: Mapping[str, Any], where: str) -> PromptFormat:
    """Restore the format of a prompt.json.

    RequestError where it is code that renders otherwise than it did in training.
    """
    saved, node = body.get("format"), body["prompt"]
    if saved is not None and "markers" in saved and _is_plain(str(saved.get("name"))):
        missing = [key for key in _KEYS if key not in saved]
        if missing:
            raise RequestError(f"{where}: format has no '{missing[0]}'", "train the model once more")
        options = to_settings({key: saved[key] for key in _KEYS}, FieldsOptions, f"{where}: format")
        prompt: PromptFormat = YamlPrompt(saved["name"], options)
        expected = body.get("format_digest")
    else:
        prompt = PROMPTS.build(node, f"{where}: prompt")
        expected = body.get("format_digest") or (FORMER_DIGESTS.get(prompt.name) if len(node) == 1 else None)
    if expected is not None and digest_of(prompt) != expected:
        raise RequestError(
            f"{where}: prompt format '{prompt.name}' renders otherwise than when the model was trained "
            f"({digest_of(prompt)}, then {expected})",
            "take the version of jaso that trained it, or train again",
        )
    return prompt


def _is_plain(name: str) -> bool:
    """Return whether the format is data alone.

    That is, no class of that name renders it in its own way.
    """
    try:
        return PROMPTS.get(name).options is FieldsOptions
    except RequestError:  # a format of an extension that is not there: its data are
        return True
