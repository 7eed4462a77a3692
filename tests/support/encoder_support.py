"""Encoders that tests train nothing on: a tagger of names that knows its syllables, a BERT from random weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

KLUE = ("B-PS", "I-PS", "B-OG", "I-OG", "B-LC", "I-LC", "B-DT", "I-DT", "O")
# Which label the model gives to which syllables, wherever they stand.
TELLS = {"B-PS": "홍", "I-PS": "길동", "B-OG": "솔", "I-OG": "빛물산", "B-LC": "누", "I-LC": "리시", "B-DT": "삼월"}
REST = "이회사의사람은가에서로을를팀장님과입니다저는일했고만났습주식년[]름지명!.,()0123가나다라마바ab"
SYLLABLES = sorted({*"".join(TELLS.values()), *REST})


def save_tagger(
    folder: Path,
    labels: Sequence[str] = KLUE,
    tells: Mapping[str, str] = TELLS,
    pieces: Sequence[str] = (),
    weights: int | None = None,
) -> Path:
    """A BERT of one layer that knows each syllable for itself; `weights`: a seed, and it knows nothing but noise."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words = [*special, *pieces, *SYLLABLES, *("##" + one for one in SYLLABLES)]
    ids = {word: number for number, word in enumerate(words)}
    raw = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    raw.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=64,
    ).save_pretrained(folder)  # fmt: skip

    torch.manual_seed(weights or 0)
    hidden = 64
    config = BertConfig(
        vocab_size=len(words), hidden_size=hidden, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64, id2label=dict(enumerate(labels)), label2id={name: i for i, name in enumerate(labels)},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    if weights is None:
        _teach(model, ids, labels, tells)
    else:
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.7)
    model.save_pretrained(folder)
    return folder


def _teach(model: object, ids: Mapping[str, int], labels: Sequence[str], tells: Mapping[str, str]) -> None:
    """Attention and feed-forward add nothing, so that a token's vector is its own; the classifier knows the vectors."""
    import torch

    assert isinstance(model, torch.nn.Module)
    told = {syllable: label for label, syllables in tells.items() for syllable in syllables}
    state = model.state_dict()
    for name, value in state.items():
        if "output.dense" in name or "position_embeddings" in name or "token_type" in name or "classifier" in name:
            value.zero_()
    words = state["bert.embeddings.word_embeddings.weight"]
    words.zero_()
    for word, number in ids.items():
        syllable = word.removeprefix("##")[:1]
        column = labels.index(told.get(syllable, "O"))
        words[number, column] = 1.0
    state["classifier.weight"][:, : len(labels)] = 4 * torch.eye(len(labels))
    model.load_state_dict(state)


def save_random(folder: Path, model: Any, tokenizer: Any) -> Path:
    """Model and tokenizer, with weights far from zero, so that tokens differ by what is around them."""
    import torch

    torch.manual_seed(5)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.4)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_bert(folder: Path, words: Iterable[str], **sizes: int) -> Path:
    """A BERT with weights from a fixed seed and a WordPiece tokenizer of `words`."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertForMaskedLM, BertTokenizer

    raw = BertWordPieceTokenizer(lowercase=False)
    raw.train_from_iterator(words, vocab_size=150, show_progress=False)
    folder.mkdir(parents=True, exist_ok=True)
    raw.save_model(str(folder))
    tokenizer = BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False, model_max_length=40)
    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=40, **sizes)
    return save_random(folder, BertForMaskedLM(config), tokenizer)
