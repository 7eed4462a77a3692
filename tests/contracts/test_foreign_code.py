"""Models, tokenizers and pickles are read in one place each, where nothing of a stranger's is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support import ROOT

PACKAGES = ("api", "core", "crawl", "evaluate", "pipeline", "preprocess", "synthetic", "train")
FILES = sorted(str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LOADERS = "core/jaso_core/io/pretrained.py"
WEIGHTS = "core/jaso_core/modeling/weights.py"
VLLM = "core/jaso_core/generation/vllm_engine.py"

CALLS = {
    "from_pretrained": {LOADERS},
    "pipeline": set(),
    "torch.load": {WEIGHTS},
    "load_state_dict_from_url": set(),
    "hub.load": set(),
    "vllm.LLM": {VLLM},
    "eval": set(),
    "exec": set(),
    "compile": set(),
    "__import__": set(),
    "yaml.load": set(),
    "yaml.full_load": set(),
    "yaml.unsafe_load": set(),
    "os.system": set(),
    "literal_eval": set(),
}
"""Calls that may run what a file says, by the end of their name; the modules that may make them."""
CLASSES = (
    "AutoModel",
    "AutoTokenizer",
    "AutoConfig",
    "AutoProcessor",
    "AutoFeatureExtractor",
    "PeftModel",
    "PreTrained",
)
PLAIN_METHODS = {"from_config", "for_model", "register"}
MODULES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle", "runpy", "xmlrpc"}
THIRD_PARTY_LOADERS = {
    "bert_score", "mauve", "sentence_transformers", "unbabel_comet", "comet", "bleurt", "evaluate", "flair", "spacy",
    "keras", "tensorflow", "timm", "fasttext", "gensim",
}  # fmt: skip
"""Packages that load models by themselves. jaso computes BERTScore and MAUVE with its own encoders."""


@cache
def parsed(file: str) -> list[ast.AST]:
    """Return calls and imports."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Import | ast.ImportFrom)]


def dotted(node: ast.expr) -> str:
    """Return "a.b.c" of an expression, "?.c" where it begins with no name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


@cache
def calls(file: str) -> list[tuple[str, ast.Call]]:
    return [(dotted(node.func), node) for node in parsed(file) if isinstance(node, ast.Call)]


def imports(file: str) -> Iterator[str]:
    for node in parsed(file):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("call", sorted(CALLS))
def test_what_may_run_code_is_called_in_one_place(call: str) -> None:
    callers = {
        file for file in FILES for name, _ in calls(file) if name == call or ("." in name and name.endswith(f".{call}"))
    }
    allowed_elsewhere = {"pipeline", "compile", "eval", "exec"}  # re.compile, model.eval, options.pipeline: methods
    if call in allowed_elsewhere:
        callers = {file for file in FILES for name, _ in calls(file) if name == call}
    assert callers <= CALLS[call]


@pytest.mark.parametrize("package", PACKAGES)
def test_classes_that_load_are_only_handed_on(package: str) -> None:
    """`AutoModel` is an argument of the loader, or makes a model from a configuration that was read."""
    for file in (file for file in FILES if file.startswith(f"{package}/")):
        for name, node in calls(file):
            parts = name.split(".")
            if len(parts) > 1 and parts[-2].startswith(CLASSES) and file != LOADERS:
                assert parts[-1] in PLAIN_METHODS, f"{file}:{node.lineno}: {name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_reads_pickles_or_loads_models_of_its_own(package: str) -> None:
    for file in (file for file in FILES if file.startswith(f"{package}/")):
        assert set(imports(file)) & MODULES == set(), file
        if "hf_metrics" not in Path(file).parts:  # modules for the library `evaluate`, which it loads itself
            assert set(imports(file)) & THIRD_PARTY_LOADERS == set(), file


def test_the_loaders_say_no_to_remote_code() -> None:
    for file in FILES:
        for name, node in calls(file):
            if name.endswith((".from_pretrained", "vllm.LLM")):
                said = {
                    word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg == "trust_remote_code"
                }
                assert said == {"trust_remote_code": False}, f"{file}:{node.lineno}"
            if name == "torch.load":
                assert any(word.arg == "weights_only" and ast.literal_eval(word.value) for word in node.keywords)
            if name.split(".")[-1] == "load" and name.split(".")[0] in ("np", "numpy"):
                assert not any(word.arg == "allow_pickle" for word in node.keywords), f"{file}:{node.lineno}"
