"""Load the tokenizer of an unknown model from its files, without its code.

Never AutoTokenizer: it picks a class by the model's type and rebuilds the tokenizer as that class would, which for a
Korean vocabulary under a GPT-2 configuration drops all Hangul. tokenizer.json says all but the roles of the tokens.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.compat.tokenizers import panics_as_errors
from jaso_core.errors import RequestError, first_line
from jaso_core.io.files import read_json
from jaso_core.io.pretrained import read_config_json, try_tokenizer
from jaso_core.prompts.chat_template import read_template_file

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

_WORD = re.compile("[가-힣]+")
ROLES = ("bos", "eos", "unk", "pad", "mask")
PADS = ("<pad>", "<|pad|>", "[PAD]", "<|padding|>", "<PAD>")
SAMPLE = "정부는 반도체를 지원했다."
BLANKS = (SAMPLE, "지원 동기를 말씀해 주세요.", "저는 그 일을 팀원과 함께 끝냈습니다.")
"""Sentences whose blanks must come back. One with a token that the vocabulary lacks is passed over."""


def load_foreign_tokenizer(folder: Path, context: int) -> tuple[PreTrainedTokenizerFast, tuple[str, ...]]:
    """Return the tokenizer, and notes on what was assumed.

    RequestError: no or a damaged tokenizer.json, no end-of-text token, or one that loses Hangul or blanks.
    """
    from transformers import PreTrainedTokenizerFast

    raw = _read(folder)
    roles, notes = _find_roles(folder, raw)
    if "eos" not in roles:
        raise RequestError(
            f"{folder}: no file names an end-of-text token that tokenizer.json has",
            "set eos_token in tokenizer_config.json to the token that ends a text",
        )
    roles.setdefault("bos", roles["eos"])
    if "pad" not in roles:
        roles["pad"] = next((token for token in PADS if raw.token_to_id(token) is not None), roles["eos"])
        notes.append(f"no padding token is named: '{roles['pad']}' is used")
    tokens: dict[str, Any] = {f"{role}_token": token for role, token in roles.items()}
    try:
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, model_max_length=context, **tokens)
        try_tokenizer(tokenizer)
    except ValueError as error:
        raise _damaged(folder, error) from None
    _check_hangul(tokenizer, folder)
    _check_blanks(tokenizer, folder)
    tokenizer.chat_template = _read_chat_template(folder)
    return tokenizer, tuple(notes)


def _read(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    read_config_json(folder)
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise RequestError(
            f"{folder}: has no tokenizer.json", "copy the model's there, or save its tokenizer once in the fast form"
        )
    try:
        with panics_as_errors():
            return Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing more special
        raise _damaged(folder, error) from None


def _damaged(folder: Path, error: Exception) -> RequestError:
    return RequestError(
        f"{folder / 'tokenizer.json'}: is damaged ({first_line(error)})", "fetch or copy the file once more"
    )


def _find_roles(folder: Path, raw: Tokenizer) -> tuple[dict[str, str], list[str]]:
    """Return tokens by role, and notes.

    A token that a file names counts only where tokenizer.json has it; else it would be given an id outside of the
    embedding.
    """
    roles: dict[str, str] = {}
    notes: list[str] = []
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        body = read_json(folder / name) if (folder / name).is_file() else {}
        for role in ROLES:
            token = _content(body.get(f"{role}_token"))
            if token is None or role in roles:
                continue
            if raw.token_to_id(token) is None:
                notes.append(f"{name} names '{token}' as {role}_token, which tokenizer.json does not have: passed over")
            else:
                roles[role] = token
    config = read_config_json(folder)
    for role in ROLES:
        ids = config.get(f"{role}_token_id")
        number = ids[0] if isinstance(ids, list) and ids else ids
        token = raw.id_to_token(number) if isinstance(number, int) and number >= 0 else None
        if token is not None and role not in roles:
            roles[role] = token
    return roles, notes


def _read_chat_template(folder: Path) -> str | None:
    """Return the chat template of a model's folder; None where there is none."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return read_template_file(file)
    config = folder / "tokenizer_config.json"
    template = read_json(config).get("chat_template") if config.is_file() else None
    if isinstance(template, list):  # former versions: [{"name": "default", "template": "…"}, …]
        rows = [row for row in template if isinstance(row, dict)]
        template = next((row.get("template") for row in rows if row.get("name") == "default"), None)
    return template if isinstance(template, str) and template else None


def _content(token: object) -> str | None:
    """Return a token as files write it: a string, or an object with its content."""
    content = token.get("content") if isinstance(token, dict) else token
    return content if isinstance(content, str) and content else None


def _check_hangul(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    ids = tokenizer(SAMPLE, add_special_tokens=False)["input_ids"]
    back = str(tokenizer.decode(ids))
    if "".join(back.split()) != "".join(SAMPLE.split()) or tokenizer.unk_token_id in ids:
        raise RequestError(
            f"{folder / 'tokenizer.json'}: loses Hangul ('{SAMPLE}' comes back as '{back}')",
            "take a model with a Korean vocabulary, or the tokenizer.json that belongs to it",
        )


def _check_blanks(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Raise RequestError where words run together, or fall apart, in a round trip.

    A blank beside a sign, which BERT's decoder adds, passes.
    """
    for sentence in BLANKS:
        ids = tokenizer(sentence, add_special_tokens=False)["input_ids"]
        if tokenizer.unk_token_id in ids:
            continue
        back = str(tokenizer.decode(ids))
        joined = tokenizer("".join(sentence.split()), add_special_tokens=False)["input_ids"]
        # Without a decoder the library puts a blank between all tokens: that the words differ shows in the ids alone.
        if ids == joined or _WORD.findall(back) != _WORD.findall(sentence):
            raise RequestError(
                f"{folder / 'tokenizer.json'}: loses blanks ('{sentence}' comes back as '{back.strip()}'"
                f"{', and has the same ids without its blanks' if ids == joined else ''})",
                "take the tokenizer.json that belongs to the model, with its pre_tokenizer and decoder",
            )
