"""Models from scratch, and models of others: shapes, vocabularies, what is assumed, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from support import one_thread  # noqa: F401 - a fixture, for all tests here
from train_support import edit_json, write_foreign, write_tokenizer

from jaso_core.errors import RequestError
from jaso_core.modeling.encode import encode_text
from jaso_core.modeling.foreign_tokenizer import BLANKS
from jaso_train.models import MODELS, ModelBundle
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

TEXTS = ["지원 동기는 무엇입니까?", "서버를 만들고 싶습니다."] * 20
PRETRAINED = TokenizerOptions("pretrained")
MARKERS = ("<usr>", "<sys>", "</s>")


def build(markers: tuple[str, ...] = (), **node: object) -> ModelBundle:
    tokenizer = PRETRAINED if node["name"] in ("hf", "kogpt2") else TokenizerOptions(vocabulary=600)
    return MODELS.build(node, "model").build(TEXTS, tokenizer, 5, markers)


def parameters(model: torch.nn.Module) -> int:
    return sum(each.numel() for each in model.parameters())


@pytest.mark.parametrize(
    ("hidden", "tied", "untied"), [(128, 2_844_416, 4_764_416), (256, 7_261_696, 11_101_696), (512, 20_814_848, 28_494_848)]
)  # fmt: skip
def test_the_second_seeds_sizes(hidden: int, tied: int, untied: int) -> None:
    """4 layers, 1,024 positions, 15,000 tokens; by hand: V·h + 1024·h + 4·(12h² + 13h) + 2h, and V·h more untied."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    from jaso_core.modeling.load import draw_model
    from jaso_train.models.gpt_scratch import ScratchOptions, scratch_config

    raw = Tokenizer(models.WordLevel({f"t{i}": i for i in range(15_000)}, "t0"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="t1", bos_token="t1", pad_token="t3")
    for tie, wanted in ((True, tied), (False, untied)):
        config = scratch_config(ScratchOptions(hidden_size=hidden, tie=tie), tokenizer)
        assert (config.n_layer, config.n_head, config.n_positions, config.resid_pdrop) == (4, 8, 1024, 0.1)
        assert parameters(draw_model(config, 0)) == wanted


def test_the_same_seed_gives_the_same_model_in_any_dtype() -> None:
    shape = {"name": "gpt_scratch", "hidden_size": 32, "heads": 2, "layers": 1, "context": 64}
    first, again = build(**shape).model, build(**shape, dtype="bfloat16").model
    assert again.dtype == torch.bfloat16
    for one, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one.to(torch.bfloat16), other)


def test_a_vocabulary_from_scratch_gets_the_markers_it_lacks() -> None:
    built = build(("<usr>", "<mine>"), name="tiny", hidden_size=32, heads=2, layers=1)
    found = built.tokenizer.convert_tokens_to_ids(["<usr>", "<mine>"])
    assert found[0] == 2
    assert found[1] == len(built.tokenizer) - 1
    assert built.model.get_input_embeddings().num_embeddings == len(built.tokenizer)
    assert built.added == {}  # drawn with all the others, not added to a base


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"name": "gpt_scratch", "heads": 7}, "'model.hidden_size': 256 is no multiple of model.heads 7"),
        ({"name": "gpt_scratch", "dropout": 1.0}, "'model.dropout': 1.0; give 0 or more, less than 1"),
        ({"name": "gpt_scratch", "dtype": "float16"}, "'model.dtype': 'float16'; did you mean 'bfloat16'"),
        ({"name": "tiny", "attention": "flash"}, "'model.attention': 'flash'"),
        ({"name": "kogpt2", "sha256": "abc"}, "'model.sha256': 'abc'; give 64 hexadecimal digits"),
        ({"name": "hf"}, "'model.path' is not set; add model.path="),
        ({"name": "hf", "path": "./nowhere"}, "model.path './nowhere': no such folder; set model.path="),
    ],
)
def test_options_are_checked_before_anything_is_loaded(node: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        MODELS.build(node, "model")


def test_an_attention_that_is_not_here_is_refused(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "m")
    with pytest.raises(RequestError, match=r"'model.attention': flash_attention_2: .* take model.attention=auto"):
        build(name="hf", path=str(folder), attention="flash_attention_2")
    assert build(name="hf", path=str(folder), attention="eager").model.config._attn_implementation == "eager"


@pytest.mark.parametrize("kind", ["gpt_neox", "llama", "gpt2"])
def test_a_model_of_others_learns_the_markers_in_its_spare_rows(tmp_path: Path, kind: str) -> None:
    folder = write_foreign(tmp_path / "m", kind)
    built = build(MARKERS, name="hf", path=str(folder), context=64)
    assert built.added == {"<usr>": 258, "<sys>": 259}  # </s> is its own <|endoftext|>
    for table in (built.model.get_input_embeddings().weight, built.model.get_output_embeddings().weight):
        assert len(table) == 320
        assert torch.allclose(table[258], table[:258].mean(0), atol=1e-6)
        assert torch.equal(table[258], table[259])
    assert "spare rows" in built.notes[-2]
    assert "no padding token is named: '<|endoftext|>' is used" in built.notes
    config = built.model.config
    assert (config.bos_token_id, config.eos_token_id, config.pad_token_id) == (0, 0, 0)
    assert built.model.generation_config.eos_token_id == 0
    assert built.tokenizer.decode(encode_text("정부는 <usr> 반도체를", built.tokenizer)) == "정부는 <usr> 반도체를"
    assert 258 not in encode_text("<usr>", built.tokenizer)  # typed by somebody


def test_embeddings_grow_where_no_row_is_spare(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "m", vocab_size=259)
    built = build(MARKERS, name="hf", path=str(folder))
    table = built.model.get_input_embeddings().weight
    assert len(table) == built.model.config.vocab_size == 260
    assert torch.allclose(table[259], table[:258].mean(0), atol=1e-6)
    assert "1 rows were added" in built.notes[-2]


def test_a_marker_never_shares_another_tokens_embedding(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "m")
    body = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    body["model"]["vocab"]["가나"] = 300  # 259 tokens, ids up to 300: the next free one by count is 259
    (folder / "tokenizer.json").write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(RequestError, match="ids have holes, so that '<usr>' cannot be added; take another prompt="):
        build(MARKERS, name="hf", path=str(folder))


def test_context_and_licence_come_from_the_folder(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "m")
    family = MODELS.build({"name": "hf", "path": str(folder)}, "model")
    assert family.context == 128
    assert "names no licence" in build(name="hf", path=str(folder)).notes[-1]
    (folder / "README.md").write_text("---\nlicense: mit\nlanguage: ko\n---\n# x\n", encoding="utf-8")
    built = build(name="hf", path=str(folder))
    assert (built.licence, built.licence_name, built.base_model) == (f"mit ({folder.name})", "mit", None)
    with pytest.raises(RequestError, match=r"'model.context': 4096, the model has 128 positions"):
        MODELS.build({"name": "hf", "path": str(folder), "context": 4096}, "model")


def test_weights_as_the_base_has_them(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "m", dtype="bfloat16")
    assert build(name="hf", path=str(folder), dtype="auto").model.dtype == torch.bfloat16
    assert build(name="hf", path=str(folder)).model.dtype == torch.float32


def spoil_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model"', encoding="utf-8")


def ascii_only(folder: Path) -> None:
    body = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    body["model"] = {"type": "WordLevel", "vocab": {"<|endoftext|>": 0, "a": 1}, "unk_token": "a"}
    body["pre_tokenizer"], body["decoder"], body["added_tokens"] = {"type": "Whitespace"}, None, []
    (folder / "tokenizer.json").write_text(json.dumps(body), encoding="utf-8")


def without_blanks(folder: Path) -> None:
    body = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    body["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": ""}
    (folder / "tokenizer.json").write_text(json.dumps(body), encoding="utf-8")


def blanks_split_only(folder: Path, decoder: dict[str, Any] | None = None) -> None:
    """As SentencePiece's files look when the mark of a blank is taken out: words are split at blanks, which then go."""
    characters = sorted({*"".join(BLANKS).replace(" ", "")})
    body = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = {token: place for place, token in enumerate(["<|endoftext|>", "<|unused|>", *characters])}
    body["model"] |= {"vocab": vocabulary, "merges": []}
    body["pre_tokenizer"], body["decoder"] = {"type": "WhitespaceSplit"}, decoder
    (folder / "tokenizer.json").write_text(json.dumps(body), encoding="utf-8")


def with_part(name: str, part: dict[str, Any]) -> Callable[[Path], None]:
    """Replace a part of tokenizer.json."""
    return lambda folder: edit_json(folder / "tokenizer.json", **{name: part})


STRIDE = {"max_length": 5, "strategy": "LongestFirst", "stride": 10, "direction": "Right"}


def no_end(folder: Path) -> None:
    edit_json(folder / "config.json", eos_token_id=None, bos_token_id=None)
    edit_json(folder / "tokenizer_config.json", eos_token="<eos-that-nobody-has>")


def fewer_rows(folder: Path) -> None:
    write_foreign(folder, vocab_size=200)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: edit_json(folder / "config.json", auto_map={"AutoModel": "m.M"}), "config.json: the model brings code of its own"),
        (lambda folder: edit_json(folder / "tokenizer_config.json", auto_map={"AutoTokenizer": ["t.T", None]}), "tokenizer_config.json: the model brings code of its own .* take a model of an architecture that transformers has"),
        (lambda folder: edit_json(folder / "config.json", attn_implementation="somebody/kernel"), r"code of its own \(kernels\)"),
        (lambda folder: edit_json(folder / "config.json", model_type="mystery9"), "model_type 'mystery9' .* an architecture that transformers has"),
        (lambda folder: edit_json(folder / "config.json", model_type="vit"), "model_type 'vit' is no causal language model"),
        (lambda folder: edit_json(folder / "config.json", max_position_embeddings=None), "tells no number of positions; set model.context="),
        (lambda folder: edit_json(folder / "config.json", hidden_size=64), r"embed_in.weight. is \(320, 32\) in the weights, \(320, 64\) by config.json"),
        (lambda folder: edit_json(folder / "config.json", num_hidden_layers=3), "the weights lack 'gpt_neox.layers.2"),
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer.json"),
        (spoil_tokenizer, "tokenizer.json: is damaged"),
        # These make the library's Rust code panic, which is no Exception: while it reads the file, and at the first text.
        (with_part("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAA"}), "tokenizer.json: is damaged"),
        (with_part("normalizer", {"type": "Prepend", "prepend": ""}), "tokenizer.json: is damaged .it cannot encode"),
        (with_part("truncation", STRIDE), "tokenizer.json: is damaged .*stride set to 10"),
        (lambda folder: (folder / "special_tokens_map.json").write_text("[]"), "special_tokens_map.json: not a JSON object"),
        (ascii_only, "loses Hangul"),
        (without_blanks, "loses blanks .'정부는 반도체를 지원했다.' comes back as '정부는반도체를지원했다.', and has the same"),
        (blanks_split_only, "loses blanks .*comes back as '정 부 는 반 도 체 를"),
        (lambda folder: blanks_split_only(folder, {"type": "Fuse"}), "loses blanks .*comes back as '정부는반도체를"),
        (no_end, "no file names an end-of-text token that tokenizer.json has; set eos_token in tokenizer_config.json"),
        (fewer_rows, "tokenizer.json has ids up to 257, the weights have 200 embeddings"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, spoil: Callable[[Path], None], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_foreign(tmp_path / "m")
    spoil(folder)
    with pytest.raises(RequestError, match=message) as error:
        build(name="hf", path=str(folder))
    assert "\n" not in str(error.value)
    assert "panicked" not in capfd.readouterr().err


def sentence_piece(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    write_tokenizer(folder, 23000)
    write_foreign(folder / "model", vocab_size=23000)
    for name in ("config.json", "model.safetensors"):
        (folder / "model" / name).replace(folder / name)
    edit_json(folder / "tokenizer_config.json", eos_token="</s>")


def word_piece(folder: Path) -> None:
    """As BERT's: a piece within a word begins with ##, and signs come back with a blank before them."""
    characters = sorted({*"".join(BLANKS).replace(" ", "")})
    pieces = ["<|endoftext|>", "<|unused|>", *characters, *(f"##{character}" for character in characters)]
    body = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    body["model"] = {
        "type": "WordPiece", "unk_token": "<|unused|>", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {token: place for place, token in enumerate(pieces)},
    }  # fmt: skip
    body["pre_tokenizer"] = {"type": "BertPreTokenizer"}
    body["decoder"] = {"type": "WordPiece", "prefix": "##", "cleanup": False}
    (folder / "tokenizer.json").write_text(json.dumps(body), encoding="utf-8")


@pytest.mark.parametrize("change", [lambda folder: None, sentence_piece, word_piece])
def test_tokenizers_that_keep_blanks_are_taken(tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = write_foreign(tmp_path / "m")
    change(folder)
    tokenizer = build(name="hf", path=str(folder)).tokenizer
    back = tokenizer.decode(tokenizer(BLANKS[1], add_special_tokens=False)["input_ids"])
    assert str(back).replace(" .", ".").strip() == BLANKS[1]


@pytest.mark.parametrize("name", ["bpe", "wordpiece", "unigram"])
@pytest.mark.parametrize("units", ["bytes", "characters"])
def test_tokenizers_of_our_own_are_taken_as_others(tmp_path: Path, name: str, units: str) -> None:
    folder = write_foreign(tmp_path / "m", vocab_size=600)
    options = TokenizerOptions(name=name, vocabulary=600, units=units, min_frequency=2)
    own = train_tokenizer([f"{text} {number}" for text in BLANKS for number in range(40)], options, 64)
    (folder / "tokenizer.json").unlink()
    own.save_pretrained(folder)
    assert build(name="hf", path=str(folder)).tokenizer.get_vocab() == own.get_vocab()


def test_code_in_the_folder_is_not_run(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "m")
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    edit_json(folder / "config.json", auto_map={"AutoConfig": "evil.C", "AutoModelForCausalLM": "evil.M"})
    with pytest.raises(RequestError):
        build(name="hf", path=str(folder))
    assert not (tmp_path / "ran").exists()


def test_a_name_in_the_hub_cache_is_found_by_a_shortened_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    snapshots = tmp_path / "models--lab--korean" / "snapshots"
    folder = write_foreign(snapshots / ("c0ffee1" + "0" * 33))
    family = MODELS.build({"name": "hf", "path": "lab/korean", "revision": "c0ffee1"}, "model")
    assert family.build([], PRETRAINED, 0).base == str(folder)
    with pytest.raises(
        RequestError, match="'lab/korean': no such folder, and not in the local hub cache at revision beef"
    ):
        MODELS.build({"name": "hf", "path": "lab/korean", "revision": "beef"}, "model")
