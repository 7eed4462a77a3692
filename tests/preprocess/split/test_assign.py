"""Splits: shares are met, groups stay where they were, and what is held out is never trained on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaso_core.config import to_settings
from jaso_core.errors import RequestError
from jaso_core.io.files import write_jsonl
from jaso_core.records import SPLITS, Document, Split
from jaso_preprocess.split.assign import (
    GroupFacts,
    SplitOptions,
    assign,
    collect_groups,
    declared_split,
    split_of,
    stratum_of,
)
from jaso_preprocess.split.previous import former_splits

EXACT = SplitOptions(exact=True)


def plain(count: int, stratum: str = "ICT", start: int = 0) -> list[GroupFacts]:
    return [GroupFacts(f"{stratum}{number}", (stratum,)) for number in range(start, start + count)]


def test_a_group_stays_in_its_split_when_data_is_added() -> None:
    options = SplitOptions(validation=0.1, test=0.2)
    placed = {f"g{i}": split_of(f"g{i}", 7, options) for i in range(5000)}
    shares = pd.Series(placed).value_counts(normalize=True)
    assert shares["test"] == pytest.approx(0.2, abs=0.02)
    assert shares["validation"] == pytest.approx(0.1, abs=0.02)
    assert split_of("g1", 7, options) == placed["g1"]
    assert any(split_of(f"g{i}", 8, options) != placed[f"g{i}"] for i in range(50))


def test_by_hash_only_lifted_groups_differ_from_chance_and_none_moves_in_other_strata() -> None:
    options = SplitOptions()
    old = [facts for code in "ABCDEFGH" for facts in plain(14, code)]
    before = assign(old, options, 0)
    differing = [name for name, split in before.splits.items() if split != split_of(name, 0, options)]
    assert len(differing) == before.lifted > 0
    after = assign(old + plain(400, "A", start=14) + plain(30, "new"), options, 0)
    moved = {name for name, split in before.splits.items() if after.splits[name] != split}
    assert all(name.startswith("A") for name in moved)
    assert len(moved) <= 2


def test_a_stratum_that_is_large_enough_gets_every_split() -> None:
    made = assign([facts for number in range(60) for facts in plain(10, f"s{number}-")], SplitOptions(), 3)
    assert all(set(counts) == set(SPLITS) for counts in made.table.values())
    small = assign([facts for number in range(60) for facts in plain(9, f"s{number}-")], SplitOptions(), 3)
    assert small.lifted == 0
    assert assign(plain(50), SplitOptions(validation=0, test=0), 3).table == {("ICT",): Counter(train=50)}


def test_exact_shares_are_met_in_every_stratum_and_in_the_whole() -> None:
    sizes = {"BM": 200, "SM": 57, "ICT": 33, "RND": 4, "MM": 4, "PS": 4, "ARD": 1}
    made = assign([facts for code, size in sizes.items() for facts in plain(size, code)], EXACT, 5)
    for (code,), counts in made.table.items():
        for split in ("validation", "test"):
            assert abs(counts[split] - sizes[str(code)] / 10) < 1
    assert made.table["BM",] == {"train": 160, "validation": 20, "test": 20}
    assert Counter(made.splits.values()) == {"train": 242, "validation": 31, "test": 30}


def test_many_small_strata_still_give_a_test_split() -> None:
    made = assign([facts for number in range(100) for facts in plain(4, f"s{number}-")], EXACT, 5)
    assert Counter(made.splits.values()) == {"train": 320, "validation": 40, "test": 40}


def test_exact_with_keep_moves_nothing_and_fills_up() -> None:
    old = plain(100)
    before = assign(old, EXACT, 0).splits
    kept = [GroupFacts(facts.name, facts.stratum, former={before[facts.name]: 1}) for facts in old]
    made = assign(kept + plain(100, start=100) + plain(20, "SM"), EXACT, 0)
    assert {name: made.splits[name] for name in before} == before
    assert made.table["ICT",] == {"train": 160, "validation": 20, "test": 20}
    assert made.table["SM",] == {"train": 16, "validation": 2, "test": 2}
    assert (made.repaired, made.moved) == (0, 0)
    without = assign(old + plain(100, start=100), EXACT, 0).splits
    assert any(without[name] != split for name, split in before.items())


@pytest.mark.parametrize(
    ("declared", "expected", "moved"),
    [
        ({"train": 3}, "train", 0),
        ({"validation": 1}, "validation", 0),
        ({"train": 9, "validation": 1}, "validation", 9),
        ({"train": 9, "test": 1}, "test", 9),
        ({"validation": 2, "test": 1}, "validation", 1),
        ({"validation": 1, "test": 1}, "test", 1),
    ],
)
def test_a_group_with_several_splits_is_never_trained_on(
    declared: dict[Split, int], expected: Split, moved: int
) -> None:
    others = [GroupFacts(f"t{number}", declared={"test": 1}) for number in range(3)]
    made = assign([GroupFacts("g", declared=declared), *others], SplitOptions(honour=True), 0)
    assert made.splits["g"] == expected
    assert (made.repaired, made.moved) == (int(moved > 0), moved)
    assert made.halved == 0


def test_a_source_without_test_shares_its_validation_out() -> None:
    groups = [GroupFacts(f"t{i}", declared={"train": 1}) for i in range(800)]
    groups += [GroupFacts(f"v{i}", declared={"validation": 1}) for i in range(400)]
    made = assign(groups, SplitOptions(validation=0.1, test=0.3, honour=True), 1)
    assert {made.splits[f"t{i}"] for i in range(800)} == {"train"}
    held = Counter(made.splits[f"v{i}"] for i in range(400))
    assert held["test"] == made.halved == pytest.approx(300, abs=30)
    assert held["validation"] == 400 - held["test"]
    assert made.moved == 0
    whole = assign(groups, SplitOptions(test=0, honour=True), 1)
    assert Counter(whole.splits.values()) == {"train": 800, "validation": 400}
    added = assign([*groups, *plain(100)], SplitOptions(validation=0.1, test=0.3, honour=True), 1)
    assert {name: added.splits[name] for name in made.splits} == made.splits


def test_a_former_split_goes_before_a_declared_one_but_nothing_held_out_goes_to_training() -> None:
    groups = [
        GroupFacts("halved before", declared={"validation": 2}, former={"test": 2}),
        GroupFacts("grown", declared={"train": 2, "validation": 1}, former={"train": 2}),
        GroupFacts("merged", former={"train": 5, "test": 1}),
    ]
    made = assign(groups, SplitOptions(test=0, honour=True, keep="x"), 0)
    assert made.splits == {"halved before": "test", "grown": "validation", "merged": "test"}
    assert (made.repaired, made.moved) == (2, 7)


def test_groups_are_collected_from_their_documents() -> None:
    documents: list[tuple[str, tuple[str | None, ...], Split | None, Split | None]] = [
        ("g", ("ICT",), "train", None),
        ("h", (None,), None, "test"),
        ("g", ("BM",), "validation", None),
    ]
    assert collect_groups(documents) == [
        GroupFacts("g", ("ICT",), declared={"train": 1, "validation": 1}),
        GroupFacts("h", (None,), former={"test": 1}),
    ]


def test_a_stratum_is_made_of_the_fields_asked_for() -> None:
    document = Document("d", "jobkorea", "letter", (), meta={"occupation": "ICT", "gender": "F", "grade": 3})
    assert stratum_of(document, SplitOptions().by) == ("ICT", None, "jobkorea")
    assert stratum_of(document, ["kind", "meta.gender", "meta.grade"]) == ("letter", "F", "3")


def test_declared_words_are_understood_or_refused() -> None:
    def said(word: object) -> Split | None:
        return declared_split(Document("d", "s", "letter", (), meta={"split": word}))

    assert [said(word) for word in ("training", "Validation", " dev ", "test", "평가", None, "")] == [
        "train", "validation", "validation", "test", "test", None, None,
    ]  # fmt: skip
    with pytest.raises(RequestError, match=r"meta\.split 'fold3' is no split"):
        said("fold3")


def test_former_splits_are_read_from_a_folder(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"train.parquet: no such file"):
        former_splits(tmp_path)
    (tmp_path / "examples").mkdir()
    for split in SPLITS:
        rows = pd.DataFrame({"document_id": [f"{split}1", f"{split}1", f"{split}2"], "split": split})
        rows.to_parquet(tmp_path / "examples" / f"{split}.parquet")
    kept = {f"{split}{number}": split for split in SPLITS for number in (1, 2)}
    assert former_splits(tmp_path) == kept
    dropped = [
        {"document_id": "copy of a test document", "reason": "near_duplicate", "detail": "of test1, Jaccard 0.67"},
        {"document_id": "equal to it", "reason": "duplicate", "detail": "of test1, Jaccard 1.00"},
        {"document_id": "too short", "reason": "too_short", "detail": None},
        {"document_id": "of no document here", "reason": "near_duplicate", "detail": "of test9, Jaccard 0.67"},
        {
            "document_id": "train1",
            "reason": "near_duplicate",
            "detail": "of test1, Jaccard 0.60",
        },  # another item is kept
    ]
    copies = {"copy of a test document": "test", "equal to it": "test"}
    write_jsonl(tmp_path / "dropped.jsonl", dropped)  # as before `duplicate_of`: the detail alone names the original
    assert former_splits(tmp_path) == {**kept, **copies}
    originals = ["test1", "test1", None, "test9", "test1"]
    for line, original in zip(dropped, originals, strict=True):
        if original is not None:
            line |= {"duplicate_of": original, "similarity": 0.67, "detail": "a copy, of train2, Jaccard 1.00"}
    write_jsonl(tmp_path / "dropped.jsonl", dropped)
    assert former_splits(tmp_path) == {**kept, **copies}


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(RequestError, match="leave something for training"):
        to_settings({"validation": 0.5, "test": 0.5}, SplitOptions, "split")
    with pytest.raises(RequestError, match=r"did you mean 'occupation'.*write meta\.ocupation"):
        to_settings({"by": ["ocupation"]}, SplitOptions, "split")
    assert to_settings({"by": ["meta.gender"], "keep": "runs/a"}, SplitOptions, "split").keep == "runs/a"


VOTES = st.dictionaries(st.sampled_from(SPLITS), st.integers(1, 3), max_size=3)
FACTS = st.lists(
    st.builds(GroupFacts, st.text(max_size=4), st.tuples(st.sampled_from(["A", "B", None])), VOTES, VOTES),
    max_size=40,
    unique_by=lambda facts: facts.name,
)
OPTIONS = st.builds(
    SplitOptions, st.sampled_from([0.0, 0.1, 0.3]), st.sampled_from([0.0, 0.1, 0.5]), exact=st.booleans()
)


@pytest.mark.slow
@given(FACTS, OPTIONS)
@settings(derandomize=True, database=None, deadline=None, max_examples=200)
def test_every_group_has_one_split_whatever_it_names_and_however_it_is_ordered(
    groups: list[GroupFacts], options: SplitOptions
) -> None:
    made = assign(groups, options, 0)
    assert list(made.splits) == [facts.name for facts in groups]
    assert sum(counts.total() for counts in made.table.values()) == len(groups)
    assert assign(groups[::-1], options, 0).splits == made.splits
    for facts in groups:
        named = {*facts.former, *facts.declared}
        if named - {"train"}:
            assert made.splits[facts.name] != "train"
