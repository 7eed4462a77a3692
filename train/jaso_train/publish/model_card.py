"""Model card (README.md): what a model is, its data, how to call it, its licence.

For readers who have the folder but not jaso: the code in it needs transformers alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from jaso_core.prompts.base import END, PromptFormat
from jaso_core.prompts.specimen import SPECIMEN
from jaso_core.report.escape import escape_code, escape_inline, one_line
from jaso_core.report.front_matter import front_matter
from jaso_core.report.number_format import NONE
from jaso_core.report.tables import Table, markdown
from jaso_core.stage.data_description import CAREER, DataDescription

_HUB_LICENCES = re.compile(
    r"(apache-2\.0|mit|gemma|llama[\d.]*|cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-[\d.]+|bsd-[23]-clause|gpl-3\.0|openrail\+*)"
)
"""Licence names of the hub; any other licence is `other` with a name."""

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+", re.ASCII)

Value = str | int | float | bool | None


@dataclass(frozen=True)
class CardFacts:
    """Facts of a model card.

    `base`: the hub name of the pretrained weights, never a local path; None from scratch or where only a folder is
    known (`pretrained` says which). `licence`: the name of the base's licence. `synthetic`: whether all sources are
    made-up data. `data`, `training`, `validation`: lines of tables, in their order; units belong into the names.
    """

    title: str
    family: str
    prompt: PromptFormat
    parameters: int
    vocabulary: int
    max_length: int
    pretrained: bool = False
    base: str | None = None
    licence: str | None = None
    sources: tuple[str, ...] = ()
    data_licences: tuple[str, ...] = ()
    synthetic: bool = False
    data: Mapping[str, Value] = field(default_factory=dict)
    training: Mapping[str, Value] = field(default_factory=dict)
    validation: Mapping[str, Value] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    about: DataDescription = CAREER


def model_card(facts: CardFacts) -> str:
    """Return the text of README.md, front matter first."""
    parts = [
        _front_matter(facts),
        f"# {escape_inline(facts.title)}",
        _description(facts),
        "## Data",
        _data(facts),
        "## Prompt",
        _prompt(facts),
        "## Training",
        _table(facts.training),
        "## Validation",
        _validation(facts),
        "## Licence",
        _licence(facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def licence_id(licence: str | None) -> str | None:
    """Return the Hugging Face Hub's licence id for a licence's name, or None.

    A name is such as "CC-BY-NC-SA-4.0".
    """
    # "MIT (owner/name)" → "mit"; "MIT, but not for work" is no licence of the hub
    name, _, rest = (licence or "").strip().lower().partition(" ")
    return name if _HUB_LICENCES.fullmatch(name) and (not rest or rest.startswith("(")) else None


def _front_matter(facts: CardFacts) -> str:
    body: dict[str, object] = {"language": ["ko"], "library_name": "transformers", "pipeline_tag": "text-generation"}
    hub_licence = licence_id(facts.licence)
    if hub_licence:
        body["license"] = hub_licence
    elif facts.pretrained and not facts.licence:
        body["license"] = "unknown"
    else:
        licence_name = facts.licence or "terms-of-the-training-data"
        body |= {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", licence_name.lower()).strip("-")}
    if facts.base:
        body["base_model"] = one_line(facts.base)
    subject = ["career-writing"] if facts.about.is_career else []
    body["tags"] = ["korean", *subject, "jaso", *(["synthetic-data"] if facts.synthetic else [])]
    if facts.sources:
        body["datasets"] = [one_line(source) for source in facts.sources]
    return f"---\n{front_matter(body)}---"


def _description(facts: CardFacts) -> str:
    if facts.pretrained:
        origin = f"fine-tuned from {_link(facts.base) if facts.base else 'a pretrained model'}"
    else:
        origin = "trained from random weights"
    lines = [
        f"A causal language model for {_subject(facts.about)}, {origin}: {facts.parameters:,} "
        f"parameters, a vocabulary of {facts.vocabulary:,} tokens, trained on examples of at most "
        f"{facts.max_length:,} tokens, prompt included.",
        "It writes fluent text that may be untrue: what it says of a person's experience is made up. It is a tool for "
        "drafts that a person checks, not for decisions about people."
        if facts.about.is_career
        else "It writes text that may be untrue. It is a tool for drafts that a person checks, not for decisions about "
        "people.",
        *(f"- {escape_inline(note)}" for note in facts.notes),
    ]
    return "\n\n".join(lines[:2]) + ("\n\n" + "\n".join(lines[2:]) if facts.notes else "")


def _subject(about: DataDescription) -> str:
    if about.is_career and "kind" not in about.about:
        return "Korean career writing (자기소개서·면접 답변)"
    return escape_inline(one_line(about.subject))


def _data(facts: CardFacts) -> str:
    about = facts.about.about
    parts = [escape_inline(one_line(text)) for text in (about.get("title"), about.get("description")) if text]
    if facts.synthetic:
        parts.append("**The training data is synthetic**: generated texts, no real person's or company's.")
    if facts.sources:
        parts.append(f"Sources: {', '.join(map(escape_inline, facts.sources))}.")
    return "\n\n".join([*parts, _table(facts.data)] if facts.data else parts)


def _prompt(facts: CardFacts) -> str:
    prompt = facts.prompt
    rendered = "".join(piece.text for piece in prompt.context(SPECIMEN))
    return "\n\n".join(
        [
            f"Format `{escape_code(one_line(prompt.name))}`: from {', '.join(prompt.reads)} it writes the "
            f"{prompt.writes}. Rendered, with an invented example:",
            f"```text\n{rendered}\n```",
            "Markers in angle brackets are one token each; the text between them is encoded by itself, so that a "
            "marker that somebody typed is read as text. Run in the folder of this file:",
            f"```python\n{snippet(prompt)}```",
        ]
    )


def snippet(prompt: PromptFormat) -> str:
    """Return code that generates with plain transformers, prompted as in training."""
    pieces = ",\n    ".join(repr((piece.text, piece.marker)) for piece in prompt.context(SPECIMEN))
    stops = ", ".join("tokenizer.eos_token" if stop == END else repr(stop) for stop in prompt.stops)
    return f"""\
import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

tokenizer = PreTrainedTokenizerFast.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".").eval()

pieces = [  # (text, whether it is a marker)
    {pieces},
]
ids = []
for text, marker in pieces:
    if marker:
        ids.append(tokenizer.eos_token_id if text == "{END}" else tokenizer.convert_tokens_to_ids(text))
    else:
        ids += tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
prompt = torch.tensor([ids])
out = model.generate(
    prompt,
    attention_mask=torch.ones_like(prompt),
    max_new_tokens=128,
    do_sample=False,
    eos_token_id=[tokenizer.convert_tokens_to_ids(token) for token in ({stops},)],
    pad_token_id=tokenizer.pad_token_id,
)
print(tokenizer.decode(out[0, len(ids):], skip_special_tokens=True))
"""


def _validation(facts: CardFacts) -> str:
    if not facts.validation:
        return ""
    return (
        "Measured on held-out examples, of which no applicant or near-duplicate is in the training split. Numbers a "
        "token depend on the tokenizer; bits a character can be compared between vocabularies.\n\n"
        + _table(facts.validation)
    )


def _licence(facts: CardFacts) -> str:
    parts = []
    base = _link(facts.base) if facts.base else "the pretrained model"
    hub_licence = licence_id(facts.licence)
    if not facts.pretrained:
        parts.append("The weights began as random numbers: no other model's licence binds them, the data's terms do.")
    elif facts.licence:
        parts.append(f"The weights derive from {base} ({escape_inline(facts.licence)}), and its licence binds them.")
    else:
        parts.append(f"The weights derive from {base}, whose folder names no licence: find out before you use them.")
    if hub_licence and "-nc" in hub_licence:
        parts.append("Non-commercial use only.")
    if hub_licence and "-sa" in hub_licence:
        parts.append("Share alike: what is made from it goes under the same licence.")
    if hub_licence and hub_licence.startswith("cc-by"):
        parts.append(f"Attribution: name {base} and say that it was changed (fine-tuned on the data above).")
    terms = [f"- {escape_inline(name)}" for name in facts.data_licences]
    if terms:
        parts.append("Terms of the data, which may be narrower:\n" + "\n".join(terms))
    elif not facts.pretrained:
        parts.append("The data came without terms.")
    return "\n\n".join(parts)


def _link(name: str) -> str:
    is_on_hub = _HUB_NAME.fullmatch(name) is not None
    return f"[{name}](https://huggingface.co/{name})" if is_on_hub else escape_inline(name)


def _table(rows: Mapping[str, Value]) -> str:
    if not rows:
        return ""
    cells = [(name, _number(value)) for name, value in rows.items()]
    return markdown(Table(("", ""), cells, align="ll"), _escape, layout="compact")


def _number(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: NONE}[value]
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else value


def _escape(text: str) -> str:
    return escape_inline(one_line(text))
