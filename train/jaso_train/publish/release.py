"""Release checks: remove local paths, complete the card, load with transformers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from jaso_core.errors import RequestError, first_line
from jaso_core.io.files import atomic_path, atomic_text, read_json, write_json
from jaso_core.io.pretrained import load_pretrained_model, load_pretrained_tokenizer
from jaso_core.modeling.checkpoint import PROMPT_FILE, load_tokenizer
from jaso_core.modeling.load import hush_transformers
from jaso_core.report.escape import escape_inline
from jaso_core.report.front_matter import front_matter
from jaso_core.stage.manifest import Manifest

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SENTENCES = ("정부는 반도체를 지원한다", "지원 동기를 말씀해 주세요.")
_IN_CACHE = re.compile(r"models--([^/]+?)--([^/]+)/snapshots/")
_REST = r"(?:[/\\][^\s'\"`,;:<>()\[\]{}]*)?"
"""The rest of a path after its folder, up to the end of the path in a text."""


class PathScrubber:
    """Replaces local paths by their last part, or by their hub name.

    The hub name where the path is in the hub's cache.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        longest_first = sorted({path.rstrip("/") for path in paths if len(Path(path).parts) > 1}, key=len, reverse=True)
        self._pattern = (
            re.compile("|".join(re.escape(path) + _REST for path in longest_first)) if longest_first else None
        )

    def scrub(self, value: Any) -> Any:
        """Return a text, or JSON with texts in it, without the paths."""
        if isinstance(value, dict):
            return {key: self.scrub(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.scrub(item) for item in value]
        if not isinstance(value, str) or self._pattern is None:
            return value
        return self._pattern.sub(lambda match: public_name(match[0]), value)


def public_name(path: str) -> str:
    """Return the hub name of a folder in the hub's cache, else the path's last part."""
    cached = _IN_CACHE.search(path + "/")
    return f"{cached[1]}/{cached[2]}" if cached else Path(path.rstrip("/")).name


def path_scrubber(folder: Path, manifest: Manifest) -> PathScrubber:
    """Return a scrubber of all paths that the train folder `folder` may contain.

    Those of the folder, its base and its data, the user's home and the working directory.
    """
    base = read_json(folder / "model" / PROMPT_FILE).get("base")
    model_path = manifest.request.get("model", {}).get("path")
    known_paths = [str(folder), *(str(entry["path"]) for entry in manifest.inputs.values())]
    if model_path and (
        Path(model_path).expanduser().is_absolute() or (base and base.endswith(f"/{model_path.rstrip('/')}"))
    ):
        known_paths.append(model_path)
    known_paths += [str(base)] if base and Path(base).is_absolute() else []
    resolved = [str(Path(path).expanduser().resolve()) for path in known_paths]
    return PathScrubber(
        [*(path for path in known_paths if Path(path).is_absolute()), *resolved, str(Path.home()), str(Path.cwd())]
    )


def copy_scrubbed(source: Path, target: Path, scrubber: PathScrubber, base: str | None) -> None:
    """Copy a file of model/, without local paths in what describes the run.

    Weights and vocabulary contain none and are copied unchanged. `base`: the name of the base model; None from scratch.
    """
    if source.suffix == ".json" and source.name != "tokenizer.json":
        body = scrubber.scrub(read_json(source))
        if source.name == PROMPT_FILE and body.get("base") and base:
            body["base"] = base
        write_json(target, body)
    elif source.suffix in (".md", ".txt", ".jinja"):
        with atomic_text(target) as stream:
            stream.write(scrubber.scrub(source.read_text(encoding="utf-8")))
    else:
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)


def complete_card(
    file: Path, licence: Mapping[str, str], terms: Sequence[str], name: str | None, faults: Sequence[str] = ()
) -> None:
    """Complete README.md with licence, conditions and faults.

    `licence` are the keys of the front matter (none: unchanged), `terms` the conditions for users of the model, `name`
    the arguments of `from_pretrained` where it is called from another folder than the model's, `faults` what is wrong
    with the model.
    """
    try:
        _, head, text = file.read_text(encoding="utf-8").split("---\n", 2)
        body = yaml.safe_load(head)
    except (ValueError, yaml.YAMLError):
        raise RequestError(f"{file}: is no model card", "train the model once more") from None
    if licence:
        body = {key: value for key, value in body.items() if key not in ("license", "license_name")} | dict(licence)
    if name is not None:
        text = text.replace('from_pretrained(".")', f"from_pretrained({name})")
        text = text.replace("Run in the folder of this file:", "Run anywhere:")
    lines = "\n".join(f"- {escape_inline(term)}" for term in terms)
    added = (
        f"\n## What you must keep to\n\nFrom the licences of the base and of the data:\n\n{lines}\n" if terms else ""
    )
    if faults:
        added += "\n## What is wrong with this model\n\n" + "".join(f"- {fault}\n" for fault in faults)
    with atomic_text(file) as stream:
        stream.write(f"---\n{front_matter(body)}---\n{text}{added}")


def check_plain(folder: Path) -> None:
    """Raise RequestError unless plain transformers reads the folder as jaso does.

    With `AutoTokenizer` and `AutoModelForCausalLM`: the same ids for Hangul sentences, the sentences back, every tensor
    filled, a row for each token, finite predictions.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    hush_transformers()
    own = load_tokenizer(folder)  # rejects a folder with custom code
    cure = "train the model once more"
    try:
        plain = load_pretrained_tokenizer(AutoTokenizer, folder)
        model, loading_info = load_pretrained_model(AutoModelForCausalLM, folder, output_loading_info=True)
    except Exception as error:
        raise RequestError(f"{folder}: plain transformers does not load it ({first_line(error)})", cure) from None
    _check_hangul(folder, plain, own)
    missing = sorted(loading_info["missing_keys"])
    if missing:
        raise RequestError(f"{folder}: the weights lack '{missing[0]}'", cure)
    rows = model.get_input_embeddings().num_embeddings
    if max(plain.get_vocab().values()) >= rows:
        raise RequestError(f"{folder}: the tokenizer has more tokens than the weights have rows ({rows})", cure)
    ids = torch.tensor([plain(SENTENCES[0], add_special_tokens=False)["input_ids"]])
    with torch.no_grad():
        logits = model.eval()(ids).logits
    if not bool(torch.isfinite(logits).all()):
        raise RequestError(f"{folder}: the model predicts no numbers (NaN or infinite)", cure)


def _check_hangul(folder: Path, plain: PreTrainedTokenizerBase, own: PreTrainedTokenizerBase) -> None:
    written = ""
    for sentence in SENTENCES:
        ids = plain(sentence, add_special_tokens=False)["input_ids"]
        back = "".join(str(plain.decode(ids, skip_special_tokens=True)).split())
        if ids != own(sentence, add_special_tokens=False)["input_ids"] or not _round_trips(sentence, back, plain, ids):
            raise RequestError(f"{folder}: AutoTokenizer does not give '{sentence}' back", "train the model once more")
        written += back
    if not re.search("[가-힣]", written):
        raise RequestError(f"{folder}: its tokenizer knows no Hangul", "train with a tokenizer made for Korean text")


def _round_trips(sentence: str, back: str, tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> bool:
    """Return whether decoding gives the sentence back, white space apart.

    A vocabulary trained on little text lacks syllables: those it knows must come, in order.
    """
    expected = "".join(sentence.split())
    if tokenizer.unk_token_id not in ids:
        return back == expected
    rest = iter(expected)
    return all(character in rest for character in back)
