"""Cure for an unknown key or flag: the key that was meant, and how to write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

import yaml

from jaso_core.config import config_folder, flatten
from jaso_core.config_groups import group_choices, group_names
from jaso_core.registry import extension_folders

_NEAR = 0.6  # a slip of a letter or two
_ALIKE = 0.5  # for whole keys, whose groups make them alike

# Names of the same thing in other programs: transformers' TrainingArguments and generate, PyTorch, llama.cpp, OpenAI.
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "accumulation": ("gradient_accumulation_steps", "grad_accum", "accumulate_grad_batches", "iter_size"),
    "batch_size": ("per_device_train_batch_size", "train_batch_size", "micro_batch_size", "batch"),
    "context": ("n_positions", "n_ctx", "max_position_embeddings", "context_length", "ctx_size"),
    "epochs": ("num_train_epochs", "num_epochs", "n_epochs", "epoch", "max_epochs"),
    "heads": ("n_head", "num_heads", "num_attention_heads", "n_heads"),
    "hidden_size": ("n_embd", "d_model", "hidden", "embedding_size", "width"),
    "input": ("data", "dataset", "train_file", "corpus_path", "documents", "infile"),
    "layers": ("n_layer", "num_layers", "num_hidden_layers", "n_layers", "depth"),
    "learning_rate": ("eta", "step_size"),
    "log_every": ("logging_steps", "log_interval"),
    "max_grad_norm": ("clip_grad", "gradient_clip_val", "grad_clip", "clip"),
    "max_length": ("max_seq_length", "max_seq_len", "block_size", "cutoff_len", "seq_len", "model_max_length"),
    "max_new_tokens": ("max_tokens", "n_predict", "max_gen_len", "max_output_tokens"),
    "max_steps": ("steps", "num_steps", "max_iters", "iterations", "train_steps"),
    "num_beams": ("beams", "beam_size", "beam_width"),
    "out": ("output", "output_dir", "out_dir", "output_path", "outdir", "save_dir", "dest"),
    "patience": ("early_stopping_patience",),
    "path": ("file", "csv", "filename", "table", "csv_file", "input_file"),
    "precision": ("fp16", "bf16", "dtype", "torch_dtype", "mixed_precision", "amp"),
    "predictions": ("preds", "hypotheses", "hyp"),
    "save_every": ("save_steps", "checkpoint_every"),
    "schedule": ("lr_scheduler_type", "scheduler", "lr_scheduler", "lr_schedule"),
    "seed": ("random_seed", "random_state", "manual_seed"),
    "train_limit": ("max_train_samples", "max_train_examples"),
    "limit": ("max_eval_samples", "max_examples", "num_samples", "max_samples"),
    "validate_every": ("eval_steps", "eval_every", "eval_interval"),
    "vocabulary": ("vocab_size", "vocab", "n_vocab", "num_merges"),
    "warmup": ("warmup_ratio", "warmup_steps", "num_warmup_steps"),
    "workers": ("num_workers", "num_proc", "n_jobs", "jobs", "threads", "processes"),
}  # fmt: skip


def suggest_key(key: str, verb: str, keys: Sequence[str]) -> str:
    """Return the cure for a key that the command does not know.

    `keys`: those of the composed configuration. In this order: a key of that name in a group, or of another choice; its
    initials or its name elsewhere; a key or group that is spelt alike.
    """
    listing = f"`jaso {verb} --cfg {'hydra' if key.startswith('hydra') else 'job'}` shows all keys"
    if key in group_names():
        return f"`jaso {verb}` makes no choice of {key}; `jaso pipeline` may: see --help"
    keys = [known for known in keys if not known.startswith("hydra")]
    others = dict(_keys_of_other_choices(verb, keys))
    for names in (_same_name, _same_initials, _same_meaning):
        if match := names(key, keys):
            return f"did you mean '{match}'? {listing}"
        if match := names(key, list(others)):
            return f"{_introduce(key, match)} {' or '.join(others[match])}: add it"
    near = _alike(key, [*keys, *groups_of(verb)])
    if near:
        return f"did you mean '{near}'? {listing}"
    near = _alike(key, list(others))
    return f"{_introduce(key, near)} {' or '.join(others[near])}: add it" if near else listing


def suggest_flag(flag: str, known_flags: Sequence[str], verb: str, keys: Sequence[str]) -> str | None:
    """Return the cure for an unknown flag that is a key with dashes, else None.

    "--question" → "keys have no dashes: columns.question=…". A flag that is spelt almost alike comes first.
    """
    if max(_ratio(flag, known) for known in known_flags) >= 0.75:
        return None
    name, _, value = flag.lstrip("-").partition("=")
    name, keys = name.replace("-", "_"), [*groups_of(verb), *keys]
    for names in (_same_name, _same_initials, _same_meaning):
        if match := names(name, keys):
            return f"keys have no dashes: {match}={value or '…'}"
    near = _alike(name, keys)
    return f"keys have no dashes: {near}={value or '…'}" if near else None


def _introduce(key: str, match: str) -> str:
    return "it comes with" if key == match else f"did you mean '{match}'? It comes with"


def _same_name(key: str, keys: Sequence[str]) -> str | None:
    """Return the key itself, or the first key whose last part it is.

    learning_rate → trainer.learning_rate
    """
    exact = [known for known in keys if known == key]
    last = key.rsplit(".", 1)[-1]
    return next(iter(exact + [known for known in keys if known.rsplit(".", 1)[-1] == last]), None)


def _same_initials(key: str, keys: Sequence[str]) -> str | None:
    """Return the first key with these initials: lr → trainer.learning_rate."""
    last = key.rsplit(".", 1)[-1]
    if len(last) < 2:
        return None
    initials = {known: "".join(word[:1] for word in known.rsplit(".", 1)[-1].split("_")) for known in keys}
    return next((known for known, letters in initials.items() if letters == last), None)


def _same_meaning(key: str, keys: Sequence[str]) -> str | None:
    last = key.rsplit(".", 1)[-1].lower()
    names = [name for name, others in _SYNONYMS.items() if last in others]
    return next((match for name in names if (match := _same_name(name, keys))), None)


def _alike(key: str, keys: Sequence[str]) -> str | None:
    """Return the key that is spelt most alike, as a whole or in its last part."""
    last = key.rsplit(".", 1)[-1]
    scored = []
    for known in dict.fromkeys(keys):
        whole, part = _ratio(key, known), _ratio(last, known.rsplit(".", 1)[-1]) - 0.05
        is_near = whole >= _ALIKE or part >= _NEAR
        scored += [(max(whole, part), known)] if is_near else []
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def _ratio(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second).ratio()


def groups_of(verb: str) -> list[str]:
    """Return the config groups that the command makes a choice of."""
    text = (config_folder() / f"{verb}.yaml").read_text(encoding="utf-8")
    defaults = yaml.safe_load(text).get("defaults", [])
    names = [key.removeprefix("optional ") for entry in defaults if isinstance(entry, dict) for key in entry]
    return [name for name in names if group_choices(name)]


def _keys_of_other_choices(verb: str, keys: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield keys that another choice of a group would bring, with those choices.

    ("path", ["source=csv", "source=aihub_interview"]): first those that cannot do without the key.
    """
    choices: dict[str, list[tuple[bool, str]]] = {}
    for group in groups_of(verb):
        for name in group_choices(group):
            for key, value in _yaml_keys(group, name):
                if key not in keys:
                    choices.setdefault(key, []).append((value != "???", f"{group}={name}"))
    for key, pairs in choices.items():
        yield key, [choice for _, choice in sorted(pairs, key=lambda pair: pair[0])][:3]


def _yaml_keys(group: str, name: str) -> Iterator[tuple[str, object]]:
    folders = [config_folder(), *(folder / "configs" for folder in extension_folders())]
    path = next(folder / group / f"{name}.yaml" for folder in folders if (folder / group / f"{name}.yaml").is_file())
    text = path.read_text(encoding="utf-8")
    prefix = "" if "@package _global_" in text else f"{group}."
    body = {key: value for key, value in (yaml.safe_load(text) or {}).items() if key != "defaults"}
    for key, value in flatten(body).items() if body else ():
        yield f"{prefix}{key}", value
