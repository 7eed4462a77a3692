"""Former import paths: published metrics and users' extensions still find what they import, with a warning."""

from __future__ import annotations

from importlib import import_module

import pytest

from jaso_core.moved_modules import moved_paths


@pytest.mark.parametrize("former", sorted(path for path in moved_paths() if ":" not in path))
def test_a_former_module_is_still_importable(former: str) -> None:
    module, target = import_module(former), import_module(moved_paths()[former])
    names = [name for name, value in vars(target).items() if getattr(value, "__module__", "") == target.__name__]
    if names and not hasattr(target, "__path__"):
        with pytest.warns(FutureWarning, match=f"has moved to {moved_paths()[former]}"):
            assert getattr(module, names[0]) is getattr(target, names[0])


@pytest.mark.parametrize("former", sorted(path for path in moved_paths() if ":" in path))
def test_a_former_name_is_still_importable(former: str) -> None:
    module, name = former.split(":")
    new_module, new_name = moved_paths()[former].split(":")
    with pytest.warns(FutureWarning, match=f"{name} has moved to {new_module}.{new_name}"):
        assert getattr(import_module(module), name) is getattr(import_module(new_module), new_name)


FORMER_IMPORTS = """
from jaso_core.config import REQUIRED
from jaso_core.edits import Edit
from jaso_core.errors import RequestError
from jaso_core.loading import draw_model
from jaso_core.prompts import PROMPTS, FieldsPrompt
from jaso_core.records import Document, Item
from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_core.stage import StageRun
from jaso_crawl.live import LiveOptions, LiveSource, Terms
from jaso_crawl.pages import Clicks, Link, Listing, NotThereError, Page, Rejection, Site
from jaso_crawl.pages import Page
from jaso_crawl.pages import Rejection
from jaso_crawl.sites.letter import merged
from jaso_crawl.sites.tree import exact_text, line, parse_html
from jaso_crawl.sources import SOURCES
from jaso_evaluate.hub import MODULES
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of
from jaso_evaluate.metrics.base import signature
from jaso_preprocess.splitters import SPLITTERS, Splitter
from jaso_preprocess.steps import STEPS, EditStep
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.layout import Layout
from jaso_train.models import MODELS, Built
from jaso_train.models import MODELS, Built, ModelFamily
from jaso_train.models.base import Computing
from jaso_train.models.gpt_scratch import scratch_config
from jaso_train.models.markers import add_markers
from jaso_train.models.tiny import Tiny, TinyOptions
from jaso_train.tokenization import TokenizerOptions
from jaso_train.tokenization import TokenizerOptions, train_tokenizer
from jaso_train.vocabulary import NAMED, SPECIAL_TOKENS, UNKNOWN
"""
"""What docs/extending.md and docs/metrics.md of version b2f1752 tell users to write."""


@pytest.mark.filterwarnings("ignore:.*has moved to:FutureWarning")
@pytest.mark.parametrize("line", FORMER_IMPORTS.split("\n")[1:-1])
def test_what_users_extensions_import_is_still_there(line: str) -> None:
    exec(line, {})


def test_what_never_was_there_is_not_found() -> None:
    with pytest.raises(ImportError):
        from jaso_core.stage import Nothing  # type: ignore[attr-defined]  # noqa: F401
    with pytest.raises(ModuleNotFoundError):
        import_module("jaso_core.no_such_module")
