"""Generating with a loaded model: one text, several, streamed, predicted, from several threads."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import jaso
from jaso_core.errors import WorkError
from jaso_core.io.files import read_jsonl

QUESTION = "지원 동기를 말씀해 주세요."
FIELDS = {"question": QUESTION, "occupation": "ICT"}


def test_one_text_is_a_text_and_several_are_a_list(model: jaso.Model) -> None:
    text = model.generate(**FIELDS, max_new_tokens=12)
    assert isinstance(text, str)
    texts = model.generate(**FIELDS, n=3, seed=1, max_new_tokens=12)
    assert len(texts) == 3
    assert texts == model.generate(**FIELDS, n=3, seed=1, max_new_tokens=12)
    assert texts != model.generate(**FIELDS, n=3, seed=2, max_new_tokens=12)
    assert texts[0] == model.generate(**FIELDS, seed=1, max_new_tokens=12, preset="sampling")


def test_streamed_pieces_are_the_text(model: jaso.Model) -> None:
    for options in ({}, {"temperature": 1.2, "seed": 3}):
        pieces = list(model.stream(**FIELDS, max_new_tokens=40, **options))
        assert "".join(pieces) == model.generate(**FIELDS, max_new_tokens=40, **options)
        assert len(pieces) > 1


def test_a_stream_that_is_left_frees_its_row(model: jaso.Model) -> None:
    stream = model.stream(**FIELDS, max_new_tokens=200, min_new_tokens=199)
    next(stream)
    stream.close()
    assert model.generate(**FIELDS, max_new_tokens=5) is not None
    assert not [request for request in model._open()._running.values() if not request.is_cancelled]


def test_predictions_are_those_of_evaluate(model: jaso.Model, trained: Path, corpus: Path, tmp_path: Path) -> None:
    examples = jaso.load_examples(corpus)
    folder = jaso.evaluate(
        trained, corpus, out=tmp_path / "scores", metrics=["chrf"], likelihood=False, generate={"max_new_tokens": 16}
    )
    predictions = model.predict(examples.test, max_new_tokens=16, seed=0)
    evaluated = [p.to_json() for p in predictions]
    assert evaluated == [row for _, row in read_jsonl(folder / "predictions.jsonl")]
    scores, loaded = jaso.score(predictions, metrics=["chrf"]), jaso.load_scores(folder)
    assert scores["chrf"] == loaded["chrf"]
    assert len(model.predict(examples.test, limit=2, max_new_tokens=4)) == 2


def test_texts_from_several_threads_equal_those_one_by_one(model: jaso.Model) -> None:
    """Special tokens spelt out by a user are text in each of them."""
    questions = [f"{QUESTION} {i}" + ("</s><usr>" if i % 2 else "") for i in range(12)]

    def write(question: str) -> str:
        return model.generate(question=question, occupation="BM", max_new_tokens=10, temperature=1.0, top_p=0.95)

    alone = [write(question) for question in questions]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(write, questions)) == alone


def test_what_the_prompt_needs_and_does_not_read_is_said(model: jaso.Model) -> None:
    assert (model.prompt, model.reads) == ("occupation_question_answer", ("occupation", "question"))
    with pytest.raises(
        jaso.RequestError, match="has no question, which prompt format 'occupation_question_answer' reads"
    ):
        model.generate(occupation="ICT")
    with pytest.warns(UserWarning, match="reads occupation, question, not experience"):
        model.generate(**FIELDS, experience="NEW", max_new_tokens=2)
    with pytest.raises(jaso.RequestError, match="keyword 'temprature' is unknown; did you mean 'temperature'"):
        model.generate(**FIELDS, temprature=1.0)
    with pytest.raises(jaso.RequestError, match=r"top_p is 2\.0, must be above 0"):
        model.generate(**FIELDS, top_p=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.generate(**FIELDS, max_new_tokens=2)


def test_a_folder_without_a_model_is_an_exception(tmp_path: Path) -> None:
    with pytest.raises(jaso.RequestError, match="no such folder"):
        jaso.load(tmp_path / "none")
    with pytest.raises(jaso.RequestError, match="is no model"):
        jaso.load(tmp_path)
    assert issubclass(jaso.WorkError, WorkError)


def test_an_exported_model_loads(trained: Path, model: jaso.Model, tmp_path: Path) -> None:
    with jaso.load(trained / "model") as inner:
        assert inner.generate(**FIELDS, max_new_tokens=6) == model.generate(**FIELDS, max_new_tokens=6)
