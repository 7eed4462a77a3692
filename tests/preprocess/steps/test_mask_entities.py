"""Names by a token-classification model. The models are tiny, built here and read from their folder like any other."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from encoder_support import KLUE, save_tagger
from hypothesis import given, settings
from hypothesis import strategies as st
from support import one_thread  # noqa: F401

from jaso_core.errors import RequestError
from jaso_core.masking.ner.entities import TokenPrediction, label_meanings, name_edits
from jaso_core.masking.ner.tagger import load_tagger
from jaso_core.masking.unmask_key import unmask
from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit, apply_edits
from jaso_preprocess.clean import (
    RecordOptions,
    clean,
)
from jaso_preprocess.steps import STEPS, EditStep


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tagger(tmp_path_factory.mktemp("ner"))


def step(model: Path, **options: object) -> EditStep:
    built = STEPS.build({"name": "mask_entities", "model": str(model), **options}, "clean.mask_entities")
    assert isinstance(built, EditStep)
    return built


def masked(text: str, model: Path, **options: object) -> str:
    return apply_edits(text, step(model, **options).edits(text, "answer"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("홍길동 팀장님과 솔빛물산에서 일했습니다.", "[이름] 팀장님과 [회사]에서 일했습니다."),
        ("누리시에서 홍길동, 홍길동을 만났습니다", "[지명]에서 [이름], [이름]을 만났습니다"),
        ("홍길동 홍길동", "[이름] [이름]"),  # each begins with B-
        ("솔빛 물산", "[회사]"),  # the second word goes on with I-
        ("주식회사 솔빛물산의, (주)솔빛물산, 솔빛물산(주)", "[회사]의, [회사], [회사]"),
        ("👩\u200d💻 홍길동 \U0001f600홍길동", "👩\u200d💻 [이름] \U0001f600[이름]"),
        ("삼월에 만났습니다", "삼월에 만났습니다"),  # DT is no name
        ("홍\u200b길동은", "[이름]은"),
        ("[이름]은 [회사1]에서", "[이름]은 [회사1]에서"),
        ("", ""),
        (" \n\t", " \n\t"),
    ],
)
def test_names_become_tokens_and_nothing_else_changes(model: Path, before: str, after: str) -> None:
    assert masked(before, model) == after


def test_kinds_say_what_was_there(model: Path) -> None:
    found = step(model).edits("홍길동은 누리시 솔빛물산에", "answer")
    assert found == [
        Edit(0, 3, "[이름]", "person"),
        Edit(5, 8, "[지명]", "place"),
        Edit(9, 13, "[회사]", "other_company"),
    ]


def test_a_particle_in_the_models_piece_stays(tmp_path: Path) -> None:
    """Subwords of several syllables hold name and particle; the whole piece bears the label of its first syllable."""
    ner = save_tagger(tmp_path, pieces=["홍길동이", "홍길동입", "솔빛물산에서", "솔빛물산이라고", "누리시로"])
    assert masked("홍길동이 왔고 홍길동입니다.", ner) == "[이름]이 왔고 [이름]입니다."
    assert masked("솔빛물산에서, 솔빛물산이라고, 누리시로", ner) == "[회사]에서, [회사]이라고, [지명]로"


def test_a_name_is_found_wherever_it_stands_in_a_long_text(model: Path) -> None:
    text = "".join(f"{'가나다라마 ' * (number % 7)}홍길동은 누리시에서 일했고 " for number in range(60))
    after = text.replace("홍길동", "[이름]").replace("누리시", "[지명]")
    for options in ({}, {"max_length": 16}, {"max_length": 23, "batch_size": 1}, {"batch_size": 64}):
        assert masked(text, model, **options) == after


def test_windows_share_a_text_without_a_gap_or_a_repetition(model: Path) -> None:
    text = "홍길동은 누리시에서 솔빛물산 팀장님과 일했습니다. " * 2
    means = label_meanings(KLUE, {"persons": None, "companies": None, "places": None})
    reader = load_tagger(str(model), "cpu")
    whole = [piece[:3] for piece in reader.predict(text, means, 64, 1)]
    assert len(whole) == sum(not character.isspace() for character in text)
    for size in (16, 17, 25, 50):
        assert [piece[:3] for piece in reader.predict(text, means, size, 3)] == whole


def test_which_labels_count_is_the_users_choice(model: Path, tmp_path: Path) -> None:
    text = "홍길동은 누리시 솔빛물산에 삼월에"
    assert masked(text, model, places=[], companies=[]) == "[이름]은 누리시 솔빛물산에 삼월에"
    assert masked(text, model, persons=[], companies=[], places=["LC", "DT"]) == "홍길동은 [지명] 솔빛물산에 [지명]에"
    plain = save_tagger(
        tmp_path / "plain", ("O", "person", "LOC", "ORG"), {"person": "홍길동", "LOC": "누리시", "ORG": "솔빛물산"}
    )
    assert masked(text, plain) == "[이름]은 [지명] [회사]에 삼월에"
    turned = save_tagger(
        tmp_path / "turned",
        ("O", "PER-B", "PER-I", "ORG-B", "LOC-B"),
        {"PER-B": "홍", "PER-I": "길동", "LOC-B": "누리시"},
    )
    assert masked(text, turned) == "[이름]은 [지명] 솔빛물산에 삼월에"


def test_labels_that_nobody_knows_are_refused_with_the_models_own(model: Path, tmp_path: Path) -> None:
    odd = _relabelled(model, tmp_path)
    with pytest.raises(RequestError, match=r"persons: no label .*LABEL_0, LABEL_1"):
        step(odd)
    assert masked("홍길동", odd, persons=["LABEL_0", "LABEL_1"], companies=[], places=[]) == "[이름]"
    with pytest.raises(RequestError, match=r"persons: the model has no label NAME.*it has B-DT, B-LC"):
        step(model, persons=["NAME"])
    with pytest.raises(RequestError, match="LC is meant for persons and for places"):
        step(model, persons=["PS", "LC"])


def _relabelled(model: Path, folder: Path) -> Path:
    shutil.copytree(model, folder, dirs_exist_ok=True)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["id2label"] = {str(number): f"LABEL_{number}" for number in range(len(KLUE))}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0.0}, "threshold"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_length": 8}, "max_length"),
        ({"persons": [], "companies": [], "places": []}, "nothing is to be masked"),
        ({"model": "someone/no-such-model"}, "neither|no such folder, and not in the local hub cache"),
        ({"model": "???"}, "model"),
    ],
)
def test_a_wrong_request_is_one_line(model: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message) as refused:
        STEPS.build({"name": "mask_entities", "model": str(model), **options}, "clean.mask_entities")
    assert "\n" not in str(refused.value)


def without(*names: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return damage


def headless(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: value for name, value in weights.items() if "classifier" not in name}, folder / "model.safetensors"
    )


def deaf(folder: Path) -> None:
    file = folder / "tokenizer.json"
    body = json.loads(file.read_text(encoding="utf-8"))
    body["model"]["vocab"] = {word: number for word, number in body["model"]["vocab"].items() if word.isascii()}
    file.write_text(json.dumps(body), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without("config.json"), "has no config.json"),
        (without("model.safetensors"), "no token-classification model could be read"),
        (headless, "has no weights for classifier"),
        (deaf, "reads no Hangul"),
    ],
)
def test_a_folder_that_is_no_such_model_is_refused(
    model: Path, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    """A head without weights would label at random, and a tokenizer without Hangul would find nothing: both in silence."""
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    damage(broken)
    with pytest.raises(RequestError, match=message) as refused:
        masked("홍길동", broken)
    assert "\n" not in str(refused.value)


def test_a_device_that_is_not_there_is_refused(model: Path) -> None:
    with pytest.raises(RequestError, match=r"mask_entities\.device 'abacus'"):
        masked("홍길동", model, device="abacus")


def test_the_key_leads_back(model: Path) -> None:
    answer = "홍길동은 (주)솔빛물산에서 홍길동과 일했습니다."
    done = clean(
        Document("1", "test", "letter", (Item("회사", answer),)),
        {"mask_entities": step(model)},
        RecordOptions(key=True),
    )
    assert done.document.items[0].answer == "[이름]은 [회사]에서 [이름]과 일했습니다."
    assert unmask(done.document.items[0].answer, done.key_entries()) == answer


def test_what_a_label_says() -> None:
    wanted: dict[str, list[str] | None] = {"persons": None, "companies": [], "places": []}
    assert label_meanings(["O", "B-PS", "I-PS", "PER-B", "S-PER", "B-OG"], wanted) == [
        (None, False), ("persons", True), ("persons", False), ("persons", True), ("persons", True), (None, True),
    ]  # fmt: skip


def test_a_name_counts_when_the_mean_of_its_pieces_is_sure_enough() -> None:
    pieces = [
        TokenPrediction(0, 1, "persons", 0.9, True),
        TokenPrediction(1, 3, "persons", 0.5, False),
        TokenPrediction(3, 4, None, 0.9, False),
    ]
    assert name_edits("홍길동은", pieces, 0.7) == [Edit(0, 3, "[이름]", "person")]
    assert name_edits("홍길동은", pieces, 0.71) == []


@pytest.mark.parametrize(
    ("text", "end", "kind", "name"),
    [
        ("박상은", 3, "persons", "박상은"),  # 은 might be a particle: a whole name is believed
        ("철수가", 3, "persons", "철수"),
        ("홍길동이라고", 4, "persons", "홍길동"),
        ("가온에서,", 5, "companies", "가온"),
        ("가온 전자가", 6, "companies", "가온 전자"),
    ],
)  # fmt: skip
def test_where_a_name_ends(text: str, end: int, kind: str, name: str) -> None:
    assert [
        text[edit.start : edit.end] for edit in name_edits(text, [TokenPrediction(0, end, kind, 1.0, True)], 0.5)
    ] == [name]


def test_what_is_left_of_a_masked_word_is_no_name() -> None:
    assert name_edits("[회사]에서", [TokenPrediction(4, 6, "companies", 1.0, False)], 0.5) == []


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> list[EditStep]:
    """Models that label by chance and by what stands beside: another text, other names."""
    folders = [save_tagger(tmp_path_factory.mktemp("noise"), weights=seed) for seed in (1, 2)]
    return [step(folder, max_length=16, threshold=0.2) for folder in folders]


PIECES = st.sampled_from(
    [
        "홍길동",
        "솔빛물산",
        "이 ",
        "에서 ",
        "[이름]",
        "[회사1]",
        "(주)",
        "\n",
        " ",
        "가나다",
        "\u200b",
        "👩\u200d💻",
        "ab",
        "\x00",
    ]
)
TEXTS = st.one_of(st.text(max_size=25), st.lists(PIECES, max_size=14).map("".join))


@pytest.mark.slow
@settings(derandomize=True, database=None, max_examples=120, deadline=None)
@given(text=TEXTS)
def test_masking_again_changes_nothing(text: str, noise: list[EditStep]) -> None:
    for one in noise:
        edits = list(one.edits(text, "answer"))
        once = apply_edits(text, edits)
        assert list(one.edits(text, "answer")) == edits
        assert list(one.edits(once, "answer")) == []
        assert all(edit.replacement in ("[이름]", "[회사]", "[지명]") for edit in edits)


def test_halves_of_characters_and_noise_do_not_stop_it(model: Path) -> None:
    assert masked("\ud800홍길동\udc00 \u202e홍길동\u202c", model) == "\ud800[이름]\udc00 \u202e[이름]\u202c"


@pytest.mark.parametrize(
    ("file", "entries"),
    [
        ("config.json", {"auto_map": {"AutoConfig": "evil.C", "AutoModelForTokenClassification": "evil.M"}}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.T", "evil.T"]}}),
        ("config.json", {"attn_implementation": "someone/kernel"}),
        ("config.json", {"text_config": {"_attn_implementation": "someone/kernel"}}),
    ],
)
def test_code_of_the_model_is_refused_and_not_run(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, entries: dict[str, object]
) -> None:
    """Without the refusal transformers asks whether to run it, and takes "y" from anything that is typed."""
    evil = tmp_path / "evil"
    shutil.copytree(model, evil)
    body = json.loads((evil / file).read_text(encoding="utf-8")) if (evil / file).is_file() else {}
    (evil / file).write_text(json.dumps({**body, "model_type": "custom", **entries}), encoding="utf-8")
    (evil / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 9))
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    for load in (lambda: step(evil), lambda: load_tagger(str(evil), "cpu")):
        with pytest.raises(RequestError, match=rf"{file}: the model brings code of its own .*; that is never run"):
            load()
    assert not (tmp_path / "ran").exists()


def test_an_adapter_does_not_load_the_model_that_it_names(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "a")
    (tmp_path / "a/adapter_config.json").write_text('{"base_model_name_or_path": "/elsewhere"}', encoding="utf-8")
    with pytest.raises(RequestError, match="holds an adapter"):
        load_tagger(str(tmp_path / "a"), "cpu")
