"""Python API of jaso: clean, load, generate, score, compare, run the stages.

Texts are cleaned; data and models are loaded.

    import jaso

    model = jaso.load("runs/demo/train")
    print(model.generate(question="지원 동기를 말씀해 주세요.", occupation="ICT"))

Nothing heavy is imported before it is used. Mistakes raise `jaso.RequestError`: one line with what is wrong, and the
cure; a failed piece of work raises `jaso.WorkError`. See docs/python.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jaso_core import __version__
from jaso_core.errors import JasoError, RequestError, WorkError

if TYPE_CHECKING:
    from jaso.comparison import Comparison, compare, load_comparison, write_comparison
    from jaso.conversation import Conversation
    from jaso.data import Examples, load_examples
    from jaso.loading import load
    from jaso.model import Model
    from jaso.scores import Score, Scores, load_scores, score
    from jaso.stages import crawl, curves, evaluate, export, export_model, preprocess, score_cleaning, train
    from jaso.text import CleanText, TextEdit, clean, sentences
    from jaso.text_stream import TextStream
    from jaso_core.records import Example, Prediction
    from jaso_evaluate.comparison.best_systems import best_systems
    from jaso_evaluate.comparison.paired_tests import PairedTestResult, PlannedTest, paired_tests

_WHERE = {
    "jaso.text": ("CleanText", "TextEdit", "clean", "sentences"),
    "jaso.conversation": ("Conversation",),
    "jaso.data": ("Examples", "load_examples"),
    "jaso.loading": ("load",),
    "jaso.model": ("Model",),
    "jaso.text_stream": ("TextStream",),
    "jaso.scores": ("Score", "Scores", "load_scores", "score"),
    "jaso.comparison": ("Comparison", "compare", "load_comparison", "write_comparison"),
    "jaso_evaluate.comparison.best_systems": ("best_systems",),
    "jaso_evaluate.comparison.paired_tests": ("PairedTestResult", "PlannedTest", "paired_tests"),
    "jaso.stages": (
        "crawl", "curves", "evaluate", "export", "export_model", "preprocess", "score_cleaning", "train",
    ),
    "jaso_core.records": ("Example", "Prediction"),
}  # fmt: skip
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "CleanText", "Comparison", "Conversation", "Example", "Examples", "JasoError", "Model", "PairedTestResult",
    "PlannedTest", "Prediction", "RequestError", "Score", "Scores", "TextEdit", "TextStream", "WorkError",
    "__version__", "best_systems", "clean", "compare", "crawl", "curves", "evaluate", "export", "export_model", "load",
    "load_comparison", "load_examples", "load_scores", "paired_tests", "preprocess", "score", "score_cleaning",
    "sentences", "train", "write_comparison",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'jaso' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return __all__
