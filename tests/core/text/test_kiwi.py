"""The morphological analyser: half a gigabyte, which a process loads once for a number of threads."""

from __future__ import annotations

from jaso_core.text.kiwi import kiwi


def test_one_thread_is_the_same_analyser_however_it_is_asked_for() -> None:
    assert kiwi() is kiwi(1) is kiwi(threads=1)
