"""A folder in which a reader of README and docs types every command: own files, other people's models, small inputs."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_support import write_chat_model
from encoder_support import save_bert, save_tagger
from sheet_support import CRITERIA
from support import ROOT, Jaso, page_commands
from train_support import CONFIG, write_foreign, write_tokenizer

from jaso_synthetic.corpus import generate
from jaso_synthetic.interviews.aihub_zip import write_aihub

NOT_HERE = re.compile(r"jaso crawl source=jobkorea|make (test(-slow|-all)?|demo|regress|help)$")
"""A live site; what CI types itself; the pipeline on the synthetic corpus, which `make bless` has too; a list of targets."""

NOT_TO_PASS_ON = re.compile(r"jaso (export input=runs/clean|export-model input=runs/model) ")
"""Refused here: AI Hub's interviews are in the corpus of these pages."""

ELSEWHERE = {" /shared/": " shared/", "=/shared/": "=shared/", "launcher=slurm": "launcher=basic", "=slurm": "=local"}
"""What stands in a command for a cluster, and what is typed here: submitit's jobs on this machine.

A study's jobs are in `test_slurm.py` and `test_study.py`: each imports torch anew.
"""

STEPS = (
    "trainer.max_steps=2 trainer.batch_size=2 trainer.validate_every=2 trainer.validation_limit=2 trainer.log_every=1 "
    "trainer.precision=fp32"
)
TRAIN = f"{STEPS} trainer.max_length=1024"
TOKENS = "tokenizer.vocabulary=600"
WRITE = "generate.max_new_tokens=8 limit=6 resamples=100 workers=1"
TINY = "model.hidden_size=32 model.layers=1 model.heads=2 model.context=1024"
SAMPLE = "letters=12 interviews=4 render=never sites=[jobkorea,saramin,linkareer]"  # no browser
STUDY = f"{STEPS} generate.max_new_tokens=8 limit=6 resamples=100 workers=1 seeds=1 trainer.device=cpu"
METRICS = {
    "masking": "[bits_per_character,leaks]",
    "field": "[bits_per_character,field]",
    "temperature": "[rouge,repetition,diversity]",
}
"""By study, what is measured in it at least; in the others bits and chrF, where a command does not say itself."""
IN_PROCESS = "launcher=basic jobs=1"  # no worker that has to import torch first
SCRATCH = f"{TOKENS} model.context=1024 trainer.max_length=1024"
TEXTS = {"masking": "letters=24 interviews=0", "cleaning": "letters=12 interviews=24"}
_TWO = "[question_answer,occupation_experience_question_answer]"
FEW = {
    "prompts": f"study.factors.prompt={_TWO} study.claims=[] study.former=[]",
    "freezing": "~study.factors.freeze +study.factors.freeze=[all,last_block] study.claims=[] study.former=[]",
    "field": f"study.factors.prompt={_TWO} study.claims=[]",
    "tokenizers": "~study.factors.tokenizer +study.factors.tokenizer=[bpe,unigram] study.against=bpe",
    "training_length": "\"study.factors={trainer.max_steps:{early:['trainer.max_steps=3'],final:['trainer.max_steps=6']}}\"",
    "prompts_x_freezing": "study.factors.prompt=[question_answer] study.factors.freeze=[all,last_block] study.claims=[]",
    "hidden_size": '"study.factors={model.hidden_size:[32,64]}" study.claims=[]',
    "data_size": '"study.factors={trainer.train_limit:[4,8]}" study.claims=[]',
    "temperature": '"study.factors={generate.temperature:[0.8,1.3]}" study.claims=[]',
    "cleaning": "~study.factors \"+study.factors={clean:{full:[],raw:['clean=[unicode,whitespace,length]']}}\"",
    "masking": "~study.factors \"+study.factors={clean.mask_companies:{none:['clean.mask_companies.others=false'],full:[]}}\" "
    "study.claims=[]",
}
"""By study, fewer, smaller or shorter levels, and no claims of the others. The studies that are not here have few."""
LESS: tuple[tuple[str, str], ...] = (
    (r"jaso pipeline source=sample", f"{TRAIN} {TOKENS} {WRITE} {TINY} {SAMPLE}"),
    (r"jaso pipeline", f"{TRAIN} {TOKENS} {WRITE} {TINY}"),
    (r"jaso crawl source=sample", SAMPLE),
    (r"jaso preprocess(?!.* cluster=)", "workers=1"),
    (r"jaso train --help", ""),
    (r"jaso train -m", f"{TRAIN} {TOKENS} {TINY}"),
    (r"jaso train .*model=(kogpt2|hf|models/)", TRAIN),
    (r"jaso train .*model=gpt_scratch", f"{TRAIN} {TOKENS} model.layers=1"),
    (r"jaso train", f"{TRAIN} {TOKENS} {TINY}"),
    (r"jaso evaluate", WRITE),
    (r"jaso (chat|generate)", "generate.max_new_tokens=8"),
    (r"jaso score ", "resamples=100"),
    (r"jaso sheet make", "raters=2 items=3"),
)
"""By the beginning of a command, what is put behind it so that it ends soon. The first that fits counts."""


class Trial:
    """The reader: a folder, and the pages that were typed there. Later pages go on with what earlier ones left."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read: list[str] = []
        self.typed: set[str] = set()

    def type_page(self, page: str, jaso: Jaso) -> None:
        """Types all commands of a page that was not read yet, but for those that stood on another page, word by word."""
        if page in self.read:
            return
        self.read.append(page)
        for command in page_commands(page):
            if not NOT_HERE.match(command) and command not in self.typed:
                self.typed.add(command)
                for one in _behind_make(command):
                    self._type(one, jaso)

    def _type(self, command: str, jaso: Jaso) -> None:
        for cluster, here in ELSEWHERE.items():
            command = command.replace(cluster, here)
        for beginning, work in BEFORE.items():
            if re.match(beginning, command):
                work(self.root, jaso)
        if command.startswith("python "):
            script, *words = shlex.split(command)[1:]
            subprocess.run([sys.executable, str(ROOT / script), *words], check=True, capture_output=True)
        elif NOT_TO_PASS_ON.match(command):
            refused = jaso(*shlex.split(command)[1:])
            assert refused.code == 2, refused.err
            assert "AI Hub" in refused.error
        else:
            type_in(jaso, f"{command} {_less(command)}")
            if out := re.search(r" out=(\S+)", command):
                assert (self.root / out[1]).is_dir() or "plan=true" in command, command


def _less(command: str) -> str:
    """What is put behind a command; behind that of a study: few letters or interviews, few levels, one seed."""
    if not command.startswith("jaso study"):
        return next((more for start, more in LESS if re.match(start, command)), "")
    name = command.split()[2]
    given = "corpus=" in command or "source=aihub" in command
    texts = "" if given else TEXTS.get(name, "letters=0 interviews=48")
    study = STUDY.replace("trainer.max_steps=2 ", "") if name == "training_length" else STUDY
    few = "" if "runs/matrix" in command else FEW.get(name, "")
    metrics = "" if "metrics=" in command else f"metrics={METRICS.get(name, '[bits_per_character,chrf]')}"
    where = "jobs=1" if "launcher=" in command else IN_PROCESS
    return " ".join([study, texts, "" if "model=" in command else SCRATCH, few, metrics, where, "strict=false"])


def type_in(jaso: Jaso, command: str) -> None:
    """A command that has to end with 0."""
    ran = jaso(*shlex.split(command)[1:])
    assert ran.code == 0, f"{command}\n{ran.err}"


def _behind_make(command: str) -> list[str]:
    """The `jaso` commands that make would run; other commands as they are."""
    if not command.startswith("make "):
        return [command]
    words = shlex.split(command)[1:]
    dry = ["make", "--dry-run", "--no-print-directory", "-C", str(ROOT), *words]
    # Not the whole environment: `make test ARGS=…` would hand its own arguments down.
    told = subprocess.run(dry, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}).stdout
    for key, _, value in (word.partition("=") for word in words):
        told = told.replace(f"${key}", value)
    return [f"jaso {one}" for one in re.findall(r"bin/jaso (.*)", told)]


def prepare(root: Path, jaso: Jaso) -> None:
    """The user's own files: tables, AI Hub's zips, letters, models, predictions, pairs with people's scores."""
    for page in ("docs/tour.md", "docs/ko/tour.md"):
        (root / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / page, root / page)
    works = ("서버", "설비", "매장", "예산", "광고", "회계", "물류", "교육")
    _write_talks(root / "talks.csv", ("Q", "A"), works)
    _write_talks(root / "자료" / "상담.csv", ("질문", "답변"), works)
    write_aihub(generate(1, 40, seed=1), root / "downloads" / "aihub")
    for out, seed in (("letters", 2), ("demo/crawl", 3)):
        type_in(jaso, f"jaso crawl source=sample letters=24 interviews=4 render=never seed={seed} out=runs/{out}")
    small: dict[str, Any] = {**CONFIG, "n_embd": 16, "n_layer": 2, "n_head": 2}
    write_tokenizer(root / "models" / "kogpt2")
    (root / "models" / "kogpt2" / "config.json").write_text(json.dumps(small), encoding="utf-8")
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config

    torch.manual_seed(0)
    made = AutoModelForCausalLM.from_config(GPT2Config(**small))
    torch.save(made.state_dict(), root / "models" / "kogpt2" / "pytorch_model.bin")
    write_foreign(root / "models" / "qwen3", "llama", max_position_embeddings=1024)
    write_chat_model(root / "models" / "qwen3-chat", max_position_embeddings=1024)
    save_tagger(root / "models" / "names")
    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16, "num_hidden_layers": 24}
    save_bert(root / "klue" / "roberta-large", [f"{work} 일을 배웠습니다." for work in works], **sizes)
    texts = [(f"{work} 일을 했습니다.", f"{work} 일을 배웠습니다.") for work in works]
    lines = [{"id": str(i), "prediction": mine, "reference": theirs} for i, (mine, theirs) in enumerate(texts)]
    (root / "predictions.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    pairs = [{"sentence1": a, "sentence2": b, "score": 5.0 * (a == b)} for a in works for b in works[:4]]
    (root / "klue-sts-v1.1_dev.json").write_text(json.dumps(pairs), encoding="utf-8")


def _write_talks(file: Path, columns: tuple[str, str], works: tuple[str, ...]) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(columns)
        for i in range(64):
            work = f"{works[i % 8]} {works[i // 8]}"
            answer = f"저는 {work} 일을 {i + 1}년 동안 하며 {work}의 기본을 배웠습니다."
            rows.writerow([f"{work} 경험은 무엇입니까?", answer])


def a_demo(root: Path, jaso: Jaso) -> None:
    """What `make demo` has trained, smaller."""
    if not (root / "runs" / "demo" / "train").is_dir():
        chain = "source=csv path=talks.csv columns.question=Q columns.answer=A out=runs/small"
        type_in(jaso, f"jaso pipeline {chain} {TRAIN} {TOKENS} {WRITE} {TINY}")
        shutil.copytree(root / "runs" / "small" / "train", root / "runs" / "demo" / "train")


def some_questions(root: Path, jaso: Jaso) -> None:
    """A table of questions."""
    del jaso
    (root / "questions.csv").write_text("question\n장점은 무엇입니까?\n", encoding="utf-8")


def evaluated(
    *folders: str, model: str = "talks/train", corpus: str = "talks/preprocess"
) -> Callable[[Path, Jaso], None]:
    """More runs of `jaso evaluate`: the one beside README's, or those that a page calls a, b, c."""

    def make(root: Path, jaso: Jaso) -> None:
        for folder in folders:
            if not (root / folder).is_dir():
                asked = f"model=runs/{model} input=runs/{corpus} generate=sampling"
                type_in(jaso, f"jaso evaluate {asked} {WRITE} out={folder}")

    return make


def before_reading(root: Path, jaso: Jaso) -> None:
    """Raters fill in the sheets that were made last."""
    del jaso
    made = max(root.glob("runs/*/sheets"), key=lambda folder: folder.stat().st_mtime)
    for old in root.glob("filled/*"):
        old.unlink()
    for sheet in sorted(made.glob("*.csv")):
        with sheet.open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = list(csv.reader(stream))
        filled = root / "filled" / sheet.name
        filled.parent.mkdir(exist_ok=True)
        first = len(head) - len(CRITERIA) - 1
        for number, row in enumerate(rows):
            row[first : first + len(CRITERIA)] = [str((number + i) % 3) for i in range(len(CRITERIA))]
        with filled.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *rows])


def own_runs(root: Path, jaso: Jaso) -> None:
    """The run of one's own that becomes a baseline, and the one that is held against it."""
    for name in ("mine", "new"):
        if not (root / "runs" / name).is_dir():
            chain = f"source=csv path=talks.csv columns.question=Q columns.answer=A out=runs/{name}"
            type_in(jaso, f"jaso pipeline {chain} {TRAIN} {TOKENS} {WRITE} {TINY}")


def a_pipe(root: Path, jaso: Jaso) -> None:
    """Two turns of a conversation."""
    del root, jaso
    sys.stdin = io.StringIO("지원 동기를 말씀해 주세요.\n장점은 무엇입니까?\n")


BEFORE: dict[str, Callable[[Path, Jaso], None]] = {
    r"jaso chat": a_pipe,
    r"jaso generate model=runs/demo": a_demo,
    r"jaso generate .*input=questions": some_questions,
    r"jaso (compare|sheet make) runs=runs/last-scores": evaluated("runs/lora-scores", model="lora", corpus="clean"),
    r"jaso compare runs=runs/talks/": evaluated("runs/more/evaluate"),
    r"jaso compare runs=runs/상담/": evaluated("runs/면접/evaluate", model="상담/train", corpus="상담/preprocess"),
    r"jaso (compare|sheet make) runs=runs/a,": evaluated("runs/a", "runs/b", "runs/c"),
    r"jaso compare runs=runs/x/": evaluated(*(f"runs/{system}/seed={seed}" for system in "xy" for seed in (1, 2))),
    r"jaso sheet read": before_reading,
    r"jaso bless run=runs/mine": own_runs,
    r"jaso regress .*baseline=mine ": lambda root, jaso: type_in(
        jaso, "jaso bless run=runs/last-scores out=mine reason='the first run of ours'"
    ),
}
"""By the beginning of a command, what people do before it."""
