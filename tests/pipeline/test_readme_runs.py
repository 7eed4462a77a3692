"""README's commands, run one after the other as people would, on small inputs and in few steps.

`test_readme.py` sees to it that every command is understood; here they do their work, each with what the one before it left.
What cannot run here is named in `NOT_HERE`.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sheet_support import CRITERIA
from support import Jaso, page_commands
from train_support import CONFIG, write_foreign, write_tokenizer

from jaso_crawl.sample.aihub_zip import write_aihub
from jaso_crawl.sample.corpus import generate

NOT_HERE = ("jaso crawl source=jobkorea", "make ")
"""A live site; and make, which is the same commands after the set-up."""

TRAIN = (
    "trainer.max_steps=2 trainer.batch_size=2 trainer.validate_every=2 trainer.validation_limit=2 trainer.log_every=1 "
)
TRAIN += "trainer.precision=fp32 trainer.max_length=1024"
TOKENS = "tokenizer.vocabulary=600"
WRITE = "generate.max_new_tokens=8 limit=6 resamples=100 workers=1"
TINY = "model.hidden_size=32 model.layers=1 model.heads=2 model.context=1024"
LESS: tuple[tuple[str, str], ...] = (
    ("jaso pipeline", f"{TRAIN} {TOKENS} {WRITE} {TINY}"),
    (
        "jaso crawl source=sample",
        "letters=12 interviews=4 render=never sites=[jobkorea,saramin,linkareer]",
    ),  # no browser
    ("jaso preprocess", "workers=1"),
    ("jaso train -m", f"{TRAIN} {TOKENS} {TINY}"),
    ("jaso train .*model=kogpt2", TRAIN),
    ("jaso train .*model=hf", TRAIN),
    ("jaso train .*model=gpt_scratch", f"{TRAIN} {TOKENS} model.layers=1"),
    ("jaso train", f"{TRAIN} {TOKENS} {TINY}"),
    ("jaso evaluate", WRITE),
    ("jaso score ", "resamples=100"),
    ("jaso sheet make", "raters=2 items=3"),
    ("jaso study", "plan=true"),
)
"""By the beginning of a command, what is put behind it so that it ends soon. The first that fits counts."""


def prepare(root: Path, jaso: Jaso) -> None:
    """The user's own files: a table, AI Hub's zips, letters, models, predictions, pairs with people's scores."""
    works = ("서버", "설비", "매장", "예산", "광고", "회계", "물류", "교육")
    with (root / "talks.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["Q", "A"])
        for i in range(64):
            work = f"{works[i % 8]} {works[i // 8]}"
            rows.writerow(
                [f"{work} 경험은 무엇입니까?", f"저는 {work} 일을 {i + 1}년 동안 하며 {work}의 기본을 배웠습니다."]
            )
    write_aihub(generate(1, 40, seed=1), root / "downloads" / "aihub")
    for out, seed in (("letters", 2), ("demo/crawl", 3)):
        run(jaso, f"jaso crawl source=sample letters=24 interviews=4 render=never seed={seed} out=runs/{out}")
    small: dict[str, Any] = {**CONFIG, "n_embd": 16, "n_layer": 2, "n_head": 2}
    write_tokenizer(root / "models" / "kogpt2")
    (root / "models" / "kogpt2" / "config.json").write_text(json.dumps(small), encoding="utf-8")
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config

    torch.manual_seed(0)
    made = AutoModelForCausalLM.from_config(GPT2Config(**small))
    torch.save(made.state_dict(), root / "models" / "kogpt2" / "pytorch_model.bin")
    write_foreign(root / "models" / "qwen3", "llama", max_position_embeddings=1024)
    texts = [(f"{work} 일을 했습니다.", f"{work} 일을 배웠습니다.") for work in works]
    lines = [{"id": str(i), "prediction": mine, "reference": theirs} for i, (mine, theirs) in enumerate(texts)]
    (root / "predictions.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    pairs = [{"sentence1": a, "sentence2": b, "score": 5.0 * (a == b)} for a in works for b in works[:4]]
    (root / "klue-sts-v1.1_dev.json").write_text(json.dumps(pairs), encoding="utf-8")


def before_compare(root: Path, jaso: Jaso) -> None:
    """The second of two scored runs, made as the first one was."""
    if not (root / "runs" / "lora-scores").is_dir():
        run(jaso, f"jaso evaluate model=runs/lora input=runs/clean generate=sampling {WRITE} out=runs/lora-scores")


def before_reading(root: Path, jaso: Jaso) -> None:
    """Raters fill their sheets in."""
    del jaso
    for sheet in sorted((root / "runs" / "round" / "sheets").glob("*.csv")):
        with sheet.open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = list(csv.reader(stream))
        filled = root / "filled" / sheet.name
        filled.parent.mkdir(exist_ok=True)
        first = len(head) - len(CRITERIA) - 1
        for number, row in enumerate(rows):
            row[first : first + len(CRITERIA)] = [str((number + i) % 3) for i in range(len(CRITERIA))]
        with filled.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *rows])


BEFORE: dict[str, Callable[[Path, Jaso], None]] = {
    "jaso compare": before_compare,
    "jaso sheet read": before_reading,
}
"""What people do before a command that README shows."""


def run(jaso: Jaso, command: str) -> None:
    ran = jaso(*shlex.split(command)[1:])
    assert ran.code == 0, f"{command}\n{ran.err}"


def test_the_commands_of_the_readme_do_their_work(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JASO_CACHE", str(tmp_path / "cache"))
    prepare(tmp_path, jaso)
    for command in page_commands("README.md"):
        if command.startswith(NOT_HERE):
            continue
        for beginning, work in BEFORE.items():
            if command.startswith(beginning):
                work(tmp_path, jaso)
        less = next((more for start, more in LESS if re.match(start, command)), "")
        if command.startswith("jaso export input=runs/clean"):
            # AI Hub's interviews are in it, which may not be passed on.
            refused = jaso(*shlex.split(command)[1:])
            assert refused.code == 2, refused.err
            assert "AI Hub" in refused.error
            continue
        run(jaso, f"{command} {less}")
        out = next((word.removeprefix("out=") for word in shlex.split(command) if word.startswith("out=")), None)
        if out and " -m " not in command and not command.startswith("jaso study"):
            assert (tmp_path / out / "manifest.json").is_file() or (tmp_path / out / "crawl").is_dir(), command
