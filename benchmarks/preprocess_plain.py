"""What one would write instead of `jaso preprocess`: Kiwi alone, kss, or regular expressions in a datasets.map.

    python benchmarks/preprocess_plain.py kiwi|kss documents.jsonl [timed]
    python benchmarks/preprocess_plain.py map documents.jsonl FOLDER

Runs by itself, so that it can be started where jaso is not installed (kss clashes with other packages).
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

# The rules that a regular expression can hold, as people publish them.
RULES = [
    (re.compile(r"<[^>\n]{1,200}>"), " "),
    (re.compile(r"&(?:nbsp|lt|gt|amp|quot);"), " "),
    (re.compile(r"^[ \t]*(?:좋은점|아쉬운점)[ \t]*\d+[^\n]*\n?", re.M), ""),
    (re.compile(r"글자\s?수\s*:?\s*[\d,]+\s*자(?:\s*[,/]?\s*[\d,]+\s*(?:[Bb]ytes?|바이트))?"), ""),
    (re.compile(r"[(\[]\s*(?:공백\s*(?:포함|제외)\s*)?[\d,]+\s*자[^)\]\n]*[)\]]"), ""),
    (re.compile(r"^\s*(?:\[[^\]\n]{1,60}\]|<[^>\n]{1,60}>|\"[^\"\n]{1,60}\"|#[^\n]{1,60})\s*$", re.M), ""),
    (re.compile(r"^\s*\d+[.)]\s*", re.M), ""),
    (re.compile(r"([ㄱ-ㅎㅏ-ㅣ!?.~])\1{2,}"), r"\1\1"),
    (re.compile(r"(?:O{2,}|○{2,}|X{2,}|△{2,}|\*{2,})"), "[회사]"),
    (re.compile(r"\d{6}[- ]?[1-8]\d{6}"), "[주민등록번호]"),
    (re.compile(r"01[016789][-. ]?\d{3,4}[-. ]?\d{4}"), "[전화번호]"),
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"), "[이메일]"),
    (re.compile(r"(?:https?://|www\.)\S+"), "[링크]"),
    (re.compile(r"(?:\(주\)|㈜|주식회사)\s*[가-힣A-Za-z]+"), "[회사]"),
    (re.compile(r"[ \t]+"), " "),
]
SENTENCE = re.compile(r"(?<=[.!?])\s+")


def main(arguments: list[str]) -> None:
    """Prints the number of sentences, or with `timed` how many a second."""
    what, path = arguments[0], Path(arguments[1])
    if what == "map":
        print(_map(path, Path(arguments[2])))  # noqa: T201
        return
    split = _kiwi() if what == "kiwi" else _kss()
    lines = [line for text in _answers(path) for line in text.split("\n") if line.strip()]
    started = time.monotonic()
    count = split(lines)
    rate = count / (time.monotonic() - started)
    print(f"{count} sentences, {rate:,.0f} a second" if arguments[2:] else count)  # noqa: T201


def _answers(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [item["answer"] for line in lines for item in json.loads(line)["items"] if item["answer"]]


def _kiwi() -> Callable[[list[str]], int]:
    from kiwipiepy import Kiwi

    kiwi = Kiwi(num_workers=1)
    kiwi.tokenize("준비")
    return lambda lines: sum(len(found) for found in kiwi.split_into_sents(lines))


def _kss() -> Callable[[list[str]], int]:
    from kss import split_sentences

    split_sentences("준비입니다.", backend="pecab", num_workers=1)
    return lambda lines: sum(len(split_sentences(line, backend="pecab", num_workers=1)) for line in lines)


def _map(path: Path, folder: Path) -> int:
    from datasets import load_dataset

    def clean(row: dict[str, object]) -> dict[str, object]:
        sentences = []
        for item in row["items"]:  # type: ignore[attr-defined]
            text = item["answer"] or ""
            for pattern, replacement in RULES:
                text = pattern.sub(replacement, text)
            sentences += [part for line in text.split("\n") for part in SENTENCE.split(line) if part.strip()]
        return {"sentences": sentences}

    data = load_dataset("json", data_files=str(path), split="train", cache_dir=str(folder / "cache"))
    data = data.map(clean, load_from_cache_file=False)
    data.to_parquet(str(folder / "sentences.parquet"))
    return sum(len(row) for row in data["sentences"])


if __name__ == "__main__":
    main(sys.argv[1:])
