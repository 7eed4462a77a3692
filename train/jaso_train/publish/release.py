"""What may leave this machine of a trained model: its files without paths of here, a card that tells all terms, and the
proof that plain transformers reads them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_path, atomic_text, read_json, write_json
from jaso_core.modeling.checkpoint import PROMPT_FILE, load_tokenizer
from jaso_core.modeling.load import hush_transformers
from jaso_core.stage.manifest import Manifest

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SENTENCES = ("정부는 반도체를 지원한다", "지원 동기를 말씀해 주세요.")
_IN_CACHE = re.compile(r"models--([^/]+?)--([^/]+)/snapshots/")
_REST = r"(?:[/\\][^\s'\"`,;:<>()\[\]{}]*)?"
"""What follows a folder's path in a text, up to where the path ends."""


class Paths:
    """The paths of this machine that a train folder may tell, and what stands for them: the last part of each, or the
    hub's name where the path lies in the hub's cache."""

    def __init__(self, places: Sequence[str]) -> None:
        known = sorted({place.rstrip("/") for place in places if len(Path(place).parts) > 1}, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(place) + _REST for place in known)) if known else None

    def out_of(self, value: Any) -> Any:
        """A text, or JSON with texts in it, without them."""
        if isinstance(value, dict):
            return {key: self.out_of(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.out_of(item) for item in value]
        if not isinstance(value, str) or self._pattern is None:
            return value
        return self._pattern.sub(lambda found: public_name(found[0]), value)


def public_name(path: str) -> str:
    """The hub's name of a folder in the hub's cache, the last part of any other path."""
    cached = _IN_CACHE.search(path + "/")
    return f"{cached[1]}/{cached[2]}" if cached else Path(path.rstrip("/")).name


def paths_of(folder: Path, manifest: Manifest) -> Paths:
    """Those of the train folder `folder`: its own, its base's, its data's, the user's home, where the command runs."""
    base = read_json(folder / "model" / PROMPT_FILE).get("base")
    given = manifest.request.get("model", {}).get("path")
    told = [str(folder), *(str(entry["path"]) for entry in manifest.inputs.values())]
    if given and (Path(given).expanduser().is_absolute() or (base and base.endswith(f"/{given.rstrip('/')}"))):
        told.append(given)
    told += [str(base)] if base and Path(base).is_absolute() else []
    whole = [str(Path(place).expanduser().resolve()) for place in told]
    return Paths([*(place for place in told if Path(place).is_absolute()), *whole, str(Path.home()), str(Path.cwd())])


def copy_file(source: Path, target: Path, paths: Paths, base: str | None) -> None:
    """Copies a file of model/. What people or programs wrote of the run goes without paths; weights and vocabulary
    hold none and stay as they are. `base`: the name of the base model; None from scratch."""
    if source.suffix == ".json" and source.name != "tokenizer.json":
        body = paths.out_of(read_json(source))
        if source.name == PROMPT_FILE and body.get("base") and base:
            body["base"] = base
        write_json(target, body)
    elif source.suffix in (".md", ".txt", ".jinja"):
        with atomic_text(target) as stream:
            stream.write(paths.out_of(source.read_text(encoding="utf-8")))
    else:
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)


def finish_card(file: Path, licence: Mapping[str, str], terms: Sequence[str], name: str | None) -> None:
    """Mends README.md: `licence` are the head's keys (none: as they stand), `terms` what binds who has the model,
    `name` the arguments of `from_pretrained` where it is called from another folder than the model's."""
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
    lines = "\n".join(f"- {term}" for term in terms)
    added = (
        f"\n## What you must keep to\n\nFrom the licences of the base and of the data:\n\n{lines}\n" if terms else ""
    )
    with atomic_text(file) as stream:
        stream.write(f"---\n{yaml.safe_dump(body, allow_unicode=True, sort_keys=False)}---\n{text}{added}")


def check_plain(folder: Path) -> None:
    """RequestError unless plain `AutoTokenizer` and `AutoModelForCausalLM` read the folder as jaso does: the same ids
    for Hangul sentences, the sentences back, every tensor filled, a row for each token, finite predictions."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    hush_transformers()
    own = load_tokenizer(folder)  # refuses a folder with code of its own
    cure = "train the model once more"
    loader: Any = AutoModelForCausalLM
    try:
        plain = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        model, told = loader.from_pretrained(str(folder), local_files_only=True, output_loading_info=True)
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise RequestError(f"{folder}: plain transformers does not load it ({reason})", cure) from None
    _check_hangul(folder, plain, own)
    missing = sorted(told["missing_keys"])
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
        if ids != own(sentence, add_special_tokens=False)["input_ids"] or not _comes_back(sentence, back, plain, ids):
            raise RequestError(f"{folder}: AutoTokenizer does not give '{sentence}' back", "train the model once more")
        written += back
    if not re.search("[가-힣]", written):
        raise RequestError(f"{folder}: its tokenizer knows no Hangul", "train with a tokenizer made for Korean text")


def _comes_back(sentence: str, back: str, tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> bool:
    """White space apart. A vocabulary trained on little text lacks syllables: what it knows must come, in order."""
    wanted = "".join(sentence.split())
    if tokenizer.unk_token_id not in ids:
        return back == wanted
    rest = iter(wanted)
    return all(character in rest for character in back)
