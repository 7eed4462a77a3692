"""Cards say what the data are: the user's words, else the file's name; career writing only where it is."""

from __future__ import annotations

import pytest

from jaso_core.stage.data_description import about_of_crawls, describe
from jaso_core.stage.manifest import Manifest

CHATBOT = {"kind": {"dialogue": 3}, "about": {"origins": ["chatbot.csv"]}}


def crawl(**request: object) -> Manifest:
    return Manifest("crawl", request, {}, {})


@pytest.mark.parametrize(
    ("stats", "title", "subject"),
    [
        ({"kind": {"letter": 1, "interview": 2}}, "Korean career writing (sample)", "Korean career writing"),
        ({}, "Korean career writing (sample)", "Korean career writing"),
        (CHATBOT, "Questions and answers from chatbot.csv", "questions and answers from chatbot.csv"),
        ({"kind": {"letter": 1, "dialogue": 2}}, "Questions and answers", "questions and answers"),
        ({**CHATBOT, "about": {"kind": "customer talks"}}, "Customer talks", "customer talks"),
        ({**CHATBOT, "about": {"title": "상담", "kind": "talks"}}, "상담", "talks"),
    ],
)
def test_titles(stats: dict[str, object], title: str, subject: str) -> None:
    description = describe(stats)
    assert (description.title(["sample"]), description.subject) == (title, subject)


def test_several_crawls() -> None:
    one = crawl(source="csv", path="/home/me/a.csv", card={"title": "하나", "kind": "talks"})
    two = crawl(source="csv", path="b.csv", card={"title": "둘", "kind": "talks", "description": "B."})
    assert about_of_crawls([one, two]) == {"kind": "talks", "description": "B.", "origins": ["a.csv", "b.csv"]}
    hub = Manifest("crawl", {"source": "dataset", "path": "lab/corpus"}, {}, {}, {"revision": "0" * 40})
    assert about_of_crawls([hub]) == {"origins": ["lab/corpus"]}
    assert about_of_crawls([crawl(source="sample", letters=3)]) == {}, "the demo's files stay as they are"
