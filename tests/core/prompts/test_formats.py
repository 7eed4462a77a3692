"""What each format renders, and how it makes its examples."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from train_support import write_tokenizer
from transformers import PreTrainedTokenizerFast

from jaso_core.config import config_folder
from jaso_core.errors import RequestError
from jaso_core.modeling.encode import encode_text
from jaso_core.prompts import MARKERS, PROMPTS, PromptFormat
from jaso_core.records import Example
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer
from jaso_train.tokenizers.special_tokens import NAMED, SPECIAL_TOKENS

EXAMPLE = Example(
    "a#0", "a", "a", "train", "왜요?", "저는 서버를 만들고 싶습니다. 오래요.", "서버 개발", "ICT", "EXPERIENCED",
    "백엔드 개발자", "(주)가상전자", "test",
)  # fmt: skip

RENDERED = {
    "question_answer": "<usr>왜요?<sys>",
    "question_summary": "<usr>왜요?<unused3>",
    "summary_answer": "<unused3>서버 개발<sys>",
    "occupation_question_answer": "<unused1>정보통신<usr>왜요?<sys>",
    "experience_question_answer": "<unused2>경력<usr>왜요?<sys>",
    "occupation_experience_question_answer": "<unused1>정보통신<unused2>경력<usr>왜요?<sys>",
    "occupation_experience_question_summary": "<unused1>정보통신<unused2>경력<usr>왜요?<unused3>",
    "question_experience_occupation_answer": "<usr>왜요?<unused2>경력<unused1>정보통신<sys>",
    "field_question_answer": "<unused4>백엔드 개발자<usr>왜요?<sys>",
    "sentence_blocks": "</s>",
    "continuation": "</s>저는 서버를 만들고",
}


def prompt(name: str, **options: object) -> PromptFormat:
    return PROMPTS.build({"name": name, **options}, "prompt")


@pytest.mark.parametrize("name", RENDERED)
def test_what_the_model_is_given(name: str) -> None:
    made = prompt(name)
    assert made.shown(EXAMPLE) == RENDERED[name]
    wanted = re.findall(r"<[^>]+>", RENDERED[name])
    assert [piece.text for piece in made.context(EXAMPLE) if piece.marker] == wanted
    assert made.markers() == tuple(dict.fromkeys([*wanted, "</s>"]))
    assert set(made.markers()) <= set(SPECIAL_TOKENS)


def test_every_format_is_shown_here() -> None:
    shipped = {path.stem for path in (config_folder() / "prompt").glob("*.yaml")}  # others may have been registered
    by_template = {"chat", "chat_with_fields"}  # the model's chat template renders them: test_chat.py
    assert set(RENDERED) == shipped - by_template
    assert len(set(RENDERED.values())) == len(RENDERED)
    assert len(set(MARKERS.values())) == len(MARKERS)


def test_what_the_model_has_to_write() -> None:
    assert prompt("question_summary").target(EXAMPLE) == "서버 개발"
    assert prompt("summary_answer").target(EXAMPLE) == EXAMPLE.answer
    assert prompt("continuation").target(EXAMPLE) == " 싶습니다. 오래요."


def test_users_own_values_stay_as_they_are() -> None:
    own = replace(EXAMPLE, occupation="데이터 분석", experience="인턴 6개월")
    shown = prompt("occupation_experience_question_answer").shown(own)
    assert shown == "<unused1>데이터 분석<unused2>인턴 6개월<usr>왜요?<sys>"
    new = replace(EXAMPLE, experience="NEW")
    assert prompt("experience_question_answer").shown(new) == "<unused2>신입<usr>왜요?<sys>"


def test_the_field_of_work_is_the_role_or_else_the_occupation() -> None:
    made = prompt("field_question_answer")
    without_role = replace(EXAMPLE, role=None)
    assert made.complete(without_role)
    assert made.shown(without_role) == "<unused4>정보통신<usr>왜요?<sys>"
    neither = replace(EXAMPLE, role=" ", occupation=None)
    assert made.lacks(neither) == ("role or occupation",)
    with pytest.raises(RequestError, match="example 'a#0': has no role and no occupation"):
        made.context(neither)
    assert made.needs == ("role or occupation", "question", "answer")


SENTENCES = ["하나.", "둘!", "셋?", "하나.", "다섯…"]
LETTER = replace(EXAMPLE, answer="  하나. 둘!\n\n셋? 하나.  다섯…\n")


def test_blocks_are_the_answer_in_parts_with_what_stands_between_the_sentences() -> None:
    parts = prompt("sentence_blocks", sentences=2).expand(LETTER, SENTENCES)
    assert [(part.id, part.answer) for part in parts] == [
        ("a#0/0", "하나. 둘!"),
        ("a#0/1", "셋? 하나."),
        ("a#0/2", "다섯…"),
    ]
    assert {part.group for part in parts} == {"a"}
    (whole,) = prompt("sentence_blocks").expand(LETTER, SENTENCES)
    assert whole.answer == "하나. 둘!\n\n셋? 하나.  다섯…"


@pytest.mark.parametrize("wrong", [None, [], [*SENTENCES, "여섯."], ["둘!", "하나.", "하나."]])
def test_sentences_of_another_answer_are_refused(wrong: list[str] | None) -> None:
    with pytest.raises(RequestError, match=r"example 'a#0': its answer is not made of its sentences"):
        prompt("sentence_blocks").expand(LETTER, wrong)


def test_an_example_without_answer_is_left_for_the_count() -> None:
    bare = replace(EXAMPLE, answer=None)
    made = prompt("sentence_blocks")
    assert made.expand(bare, None) == [bare]
    assert not made.complete(bare)
    assert prompt("question_answer").expand(EXAMPLE, None) == [EXAMPLE]


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        ("하나 둘 셋 넷", "하나 둘 셋"),
        ("하나  둘 셋   넷", "하나  둘 셋"),
        (" 하나\n둘 셋\n\n넷 다섯", " 하나\n둘 셋\n\n넷"),
        ("하나 둘 셋 \n넷", "하나 둘 셋"),
    ],
)
def test_first_words_end_before_a_blank(answer: str, given: str) -> None:
    assert prompt("continuation").shown(replace(EXAMPLE, answer=answer)) == f"</s>{given}"


@pytest.mark.parametrize("answer", [None, "", "하나 둘 셋", "하나 둘 셋  \n", "하나 둘 셋\n넷", "\n"])
def test_an_answer_of_first_words_alone_cannot_be_continued(answer: str | None) -> None:
    made = prompt("continuation")
    short = replace(EXAMPLE, answer=answer)
    assert not made.complete(short)
    assert made.lacks(short) == ("answer of more than 3 words",)
    with pytest.raises(RequestError, match="example 'a#0': has no answer of more than 3 words"):
        made.target(short)


@pytest.mark.parametrize(("name", "key"), [("continuation", "words"), ("sentence_blocks", "sentences")])
def test_no_words_and_no_sentences_are_refused(name: str, key: str) -> None:
    with pytest.raises(RequestError, match=f"prompt.{key} is 0; give 1 or more"):
        prompt(name, **{key: 0})


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PreTrainedTokenizerFast]:
    """KoGPT2's, which has ▁ for a blank and before the first word, and all kinds that are trained here."""
    folder = tmp_path_factory.mktemp("kogpt2")
    write_tokenizer(folder)
    texts = ["저는 서버를 만들고 싶습니다. 가나 다라\n\n마바  사"] * 5
    trained = {
        f"{name}, {units}": train_tokenizer(
            texts, TokenizerOptions(name=name, vocabulary=400 if units == "bytes" else 150, units=units), 128
        )
        for name in ("bpe", "wordpiece", "unigram")
        for units in ("bytes", "characters")
    }
    return {
        "kogpt2": PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **NAMED),
        **trained,
    }


WORDS = st.lists(
    st.text(st.sampled_from("가나다서버한국.,!a1'-"), min_size=1, max_size=4) | st.text(min_size=1, max_size=4),
    min_size=5,
    max_size=9,
)
GAPS = st.lists(st.sampled_from([" ", " ", "  ", "\n", "\n\n", " \n", "\n ", "\t", "\u3000"]), min_size=9, max_size=9)


@given(words=WORDS, gaps=GAPS, given_words=st.integers(1, 3))
def test_first_words_and_the_rest_are_the_answer_to_the_token(
    words: list[str], gaps: list[str], given_words: int, tokenizers: dict[str, PreTrainedTokenizerFast]
) -> None:
    made = prompt("continuation", words=given_words)
    answer = "".join(gap + word for gap, word in zip(gaps, words, strict=False))
    example = replace(EXAMPLE, answer=answer)
    assume(made.complete(example))
    first = made.context(example)[1].text
    assert first + made.target(example) == answer
    assert len(first.split()) >= given_words
    for kind, tokenizer in tokenizers.items():
        parts = encode_text(first, tokenizer) + encode_text(made.target(example), tokenizer)
        assert parts == encode_text(answer, tokenizer), kind
        assert tokenizer.decode(parts) == answer or "bytes" not in kind


def test_markers_need_no_users_example() -> None:
    assert prompt("continuation", words=10_000).markers() == ("</s>",)


def test_fields_have_words_only_where_data_have_codes() -> None:
    from jaso_core.prompts.field_texts import WORDS, in_words, tokenizer_texts

    assert in_words("question", "NEW") == "NEW"
    assert set(WORDS) <= {field.name for field in fields(Example)}
    texts = tokenizer_texts([EXAMPLE])
    assert texts[:4] == ["왜요?", EXAMPLE.answer, "서버 개발", "백엔드 개발자"]
    assert {"정보통신", "신입", "경력"} <= set(texts)
