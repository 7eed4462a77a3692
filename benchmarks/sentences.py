"""How rightly and how fast the sentence splitters split, beside plain Kiwi, kss and the usual regex.

    python benchmarks/sentences.py [--pud ko_pud-ud-test.conllu] [--kss-python PYTHON] [--backend pecab] [--letters 300]

News are the paragraphs of UD Korean PUD, rebuilt by joining the sentences of a document (sentence n01002017 is of
document n01002). The hard set is tests/preprocess/sentences/hard_sentences.txt, by its parts. What exact, dice and
F1 mean is said at jaso_preprocess.cleaning_eval.sentence_scores.score: the first two as in kiwipiepy's benchmark
(sentence_split.py there), the third is ours. kss is taken from this environment or, since it clashes easily, from
another one's interpreter.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

from jaso_core.console import result
from jaso_preprocess.cleaning_eval.sentence_scores import Gold, Span, gold_of, read_gold, score
from jaso_preprocess.sentences import SPLITTERS
from jaso_preprocess.sentences.kss import align_sentences
from jaso_preprocess.sentences.quotations import spans_between
from jaso_synthetic.corpus import generate

HARD = Path(__file__).parent.parent / "tests" / "preprocess" / "sentences" / "hard_sentences.txt"
Contender = Callable[[Sequence[str]], list[list[Span]]]

_KSS = """
import json, sys
from kss import split_sentences
for line in sys.stdin:
    print(json.dumps(split_sentences(json.loads(line), backend=sys.argv[1], num_workers=1)), flush=True)
"""


def main() -> None:
    """Prints one table of scores and one of speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pud", type=Path, help="UD Korean PUD, conllu; without it no news")
    parser.add_argument("--kss-python", help="interpreter of an environment that has kss")
    parser.add_argument("--backend", default="pecab", help="kss's analyser")
    parser.add_argument("--letters", type=int, default=300, help="synthetic letters for the speed")
    asked = parser.parse_args()

    sets = {f"hard, {part}": list(golds) for part, golds in groupby(_hard(), key=lambda gold: gold.half)}
    if asked.pud:
        sets = {"news": list(_pud(asked.pud.read_text(encoding="utf-8").split("\n"))), **sets}
    contenders = _contenders(asked.kss_python, asked.backend)
    result(_row("exact/dice/F1", [f"{name} ({sum(len(gold.spans) for gold in sets[name])})" for name in sets]))
    for name, split in contenders.items():
        result(_row(name, [_scores(split, golds) for golds in sets.values()]))
    if not asked.pud:
        result("no news: name UD Korean PUD's file with --pud")
    _speed(contenders, asked.letters)


def _hard() -> list[Gold]:
    return sorted(read_gold(HARD.read_text(encoding="utf-8").split("\n")), key=lambda gold: gold.half)


def _pud(lines: Iterable[str]) -> Iterable[Gold]:
    documents: defaultdict[str, list[str]] = defaultdict(list)
    name = ""
    for line in lines:
        if line.startswith("# sent_id = "):
            name = line.split()[-1][:-3]
        elif line.startswith("# text = "):
            documents[name].append(line.removeprefix("# text = ").strip())
    return [gold_of(sentences) for sentences in documents.values()]


def _contenders(kss_python: str | None, backend: str) -> dict[str, Contender]:
    found: dict[str, Contender] = {"regex": _regex}
    for name in ("kiwi", "rules", "careful"):
        splitter = SPLITTERS.build({"name": name}, "sentences")
        found[name] = lambda texts, splitter=splitter: list(splitter.split(texts))  # type: ignore[misc]
    if find_spec("kss"):
        kss = SPLITTERS.build({"name": "kss", "backend": backend}, "sentences")
        found[f"kss {backend}"] = lambda texts: list(kss.split(texts))
    elif kss_python:
        found[f"kss {backend}"] = lambda texts: _kss_elsewhere(kss_python, backend, texts)
    else:
        result("no kss: it is not installed here, and --kss-python names no interpreter that has it")
    return found


def _regex(texts: Sequence[str]) -> list[list[Span]]:
    """The baseline of kiwipiepy's benchmark: after a mark and white space."""
    mark = re.compile(r"(?<=[.!?])\s")
    return [spans_between(text, [match.end() for match in mark.finditer(text)], 0) for text in texts]


def _kss_elsewhere(python: str, backend: str, texts: Sequence[str]) -> list[list[Span]]:
    """Line by line, as the other splitters do."""
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    asked = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([python, "-c", _KSS, backend], input=asked, capture_output=True, text=True, check=True)
    answers = iter([line for line in done.stdout.split("\n") if line.startswith("[")])
    found = []
    for text in texts:
        start, spans = 0, list[Span]()
        for line in text.split("\n"):
            if line.strip():
                spans += [
                    (start + begin, start + end) for begin, end in align_sentences(line, json.loads(next(answers)))
                ]
            start += len(line) + 1
        found.append(spans)
    return found


def _scores(split: Contender, golds: Sequence[Gold]) -> str:
    texts = [gold.text for gold in golds]
    found = score([gold.spans for gold in golds], split(texts), texts)
    return f"{found.exact:.3f}/{found.dice:.3f}/{found.span_f1:.3f}"


def _speed(contenders: dict[str, Contender], letters: int) -> None:
    """Synthetic letters, all cores; kss takes a few letters only, its start included."""
    texts = [item.answer for letter in generate(letters, 0, 5).letters for item in letter.items]
    result(f"\ncharacters a second ({len(texts)} answers, {sum(map(len, texts)):,} characters; median of 3, kss once)")
    times = defaultdict(list)
    for turn in range(3):
        for name, split in contenders.items():
            slow = name.startswith("kss")
            if slow and turn:
                continue
            given = texts[:20] if slow else texts
            begin = time.perf_counter()
            split(given)
            times[name].append(sum(map(len, given)) / (time.perf_counter() - begin))
    for name, rates in times.items():
        result(f"{name:12} {sorted(rates)[len(rates) // 2]:>14,.0f}")


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{name:14}" + "".join(f"{cell:>22}" for cell in cells)


if __name__ == "__main__":
    main()
