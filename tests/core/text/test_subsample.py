"""A draw is fair, repeatable, and keeps the order."""

from __future__ import annotations

from jaso_core.text.subsample import subsample


def test_a_draw_keeps_the_order_and_depends_on_the_seed_alone() -> None:
    some = subsample(range(100), 10, seed=3)
    assert some == subsample(range(100), 10, seed=3)
    assert some == sorted(some)
    assert len(set(some)) == 10
    assert some != list(range(10))
    assert some != subsample(range(100), 10, seed=4)


def test_no_limit_or_a_large_one_takes_all() -> None:
    assert (
        subsample("가나다", None, seed=0)
        == subsample("가나다", 3, seed=0)
        == subsample("가나다", 9, seed=0)
        == ["가", "나", "다"]
    )
