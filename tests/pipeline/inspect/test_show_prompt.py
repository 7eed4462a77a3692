"""`jaso show prompt`: what a format is, what the model sees of it, and what it makes of one's data."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import Jaso

from jaso_core.io.files import EXAMPLE_SCHEMA, SENTENCE_SCHEMA, write_json, write_parquet
from jaso_core.modeling.checkpoint import save_prompt
from jaso_core.modeling.encode import Encoded
from jaso_core.prompts import PROMPTS
from jaso_core.records import Example, Sentence
from jaso_core.stage.manifest import Manifest
from jaso_pipeline.inspect.show_prompt import measure
from jaso_pipeline.inspect.token_grid import display_width, fit_width, grid, show_controls
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

EXAMPLES = [
    *(Example(f"a#{n}", "a", "a", "train", "qq", "x" * (n + 1), role="r" if n % 2 else None) for n in range(20)),
    Example("b#0", "b", "b", "train", "q" * 30, "가.", role="r"),
    Example("c#0", "c", "c", "train", None, "다.", role="r"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preprocess folder: answers of 1 to 20 letters, a long question, and no question."""
    folder = tmp_path_factory.mktemp("data")
    write_parquet(folder / "examples" / "train.parquet", EXAMPLES, EXAMPLE_SCHEMA)
    sentences = [
        Sentence(e.document_id, int(e.id[2:]), "answer", 0, len(e.answer or ""), e.answer or "") for e in EXAMPLES
    ]
    write_parquet(folder / "sentences.parquet", sentences, SENTENCE_SCHEMA)
    Manifest("preprocess", {}, {}, {}).write(folder)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `jaso show prompt` needs of a train folder. Its tokenizer merges Hangul only: a Latin letter is a token."""
    folder = tmp_path_factory.mktemp("trained")
    tokenizer = train_tokenizer(["가나 다라 마바"] * 9, TokenizerOptions(vocabulary=500), 64)
    tokenizer.save_pretrained(str(folder / "model"))
    write_json(folder / "model" / "config.json", {"model_type": "gpt2"})
    save_prompt(folder / "model", {"name": "question_answer"}, 20, None, 0)
    return folder


def row(text: str, what: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"  {what}  ")]
    return line.removeprefix(f"  {what}").split()


def test_without_data_an_invented_example_is_shown(jaso: Jaso) -> None:
    shown = jaso("show", "prompt", "occupation_question_answer")
    assert shown.code == 0
    assert "name: occupation_question_answer" in shown.out
    lines = shown.out.splitlines()
    assert "reads:   occupation, question" in lines
    assert "markers: <unused1> <usr> <sys> </s>" in lines
    assert "invented example" in shown.out
    assert "  marker  <unused1>" in lines
    assert "  given   정보통신" in lines
    assert any(line.startswith("  learned 저는 서버를") for line in lines)
    assert re.search(r"·  10 <unused1>", shown.out)
    assert re.search(r"\+   1 </s>", shown.out)
    assert "\x1b" not in shown.out


def test_counts_on_ones_own_data_by_hand(jaso: Jaso, data: Path, trained: Path) -> None:
    """Prompts of 4 tokens, targets of 2 to 21 with the end token, a limit of 20: those of 17 to 21 lose 1 to 5."""
    shown = jaso("show", "prompt", "question_answer", f"input={data}", f"model={trained}")
    assert shown.code == 0, shown.err
    assert f"training split of {data}, max_length 20" in shown.out
    assert row(shown.out, "examples") == ["22"]
    assert row(shown.out, "without question") == ["1", "4.5%"]
    assert row(shown.out, "prompt fills 20 tokens") == ["1", "4.5%"]
    assert row(shown.out, "usable") == ["20", "90.9%"]
    assert row(shown.out, "truncated at 20 tokens")[:2] == ["5", "25.0%"]
    assert row(shown.out, "target tokens lost by it") == ["15", "6.5%"]  # of 230
    assert row(shown.out, "tokens that are learned")[:2] == ["215", "72.9%"]  # 215 of 215 + 80
    assert row(shown.out, "tokens that are unknown")[0] == "0"
    assert row(shown.out, "prompt") == ["4", "4", "32"]
    assert row(shown.out, "target, with the end token") == ["11", "20", "21"]
    assert "first usable training example, a#0" in shown.out


def test_another_limit_cuts_elsewhere(jaso: Jaso, data: Path, trained: Path) -> None:
    shown = jaso("show", "prompt", "question_answer", f"input={data}", f"model={trained}", "max_length=5")
    assert row(shown.out, "truncated at 5 tokens")[0] == "20"
    assert "… 1 more tokens do not fit max_length 5: not learned" in shown.out


def test_a_field_with_an_alternative_is_lacking_where_both_are(jaso: Jaso, data: Path, trained: Path) -> None:
    shown = jaso("show", "prompt", "field_question_answer", f"input={data}", f"model={trained}")
    assert row(shown.out, "without role or occupation") == ["10", "45.5%"]


def test_blocks_are_counted_as_parts(jaso: Jaso, corpus: Path) -> None:
    shown = jaso(
        "show",
        "prompt",
        "sentence_blocks",
        f"input={corpus}",
        "prompt.sentences=1",
        "max_length=64",
        "tokenizer.vocabulary=600",
    )
    assert shown.code == 0, shown.err
    import pyarrow.parquet as pq

    answers = set(pq.read_table(corpus / "examples" / "train.parquet")["document_id"].to_pylist())
    sentences = pq.read_table(corpus / "sentences.parquet")["document_id"].to_pylist()
    assert row(shown.out, "parts of them") == [f"{sum(name in answers for name in sentences):,}"]
    assert "trained on this training split" in shown.out


def test_lengths_that_were_measured(trained: Path) -> None:
    from jaso_core.modeling.checkpoint import load_tokenizer

    tokenizer = load_tokenizer(trained / "model")
    found = measure(EXAMPLES, PROMPTS.build({"name": "question_answer"}, "prompt"), tokenizer, 20)
    assert found.targets[:20] == list(range(2, 22))
    assert found.contexts == [4] * 20 + [32]
    assert found.missing_fields == {"question": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inptu=x"], "key 'inptu' is unknown; did you mean 'input'?"),
        (["input="], "'input=' has no value; write input=…"),
        (["input=nowhere"], "nowhere: is no complete preprocess folder; give the out= of `jaso preprocess`"),
        (["model=nowhere"], "nowhere: is no folder with a trained model; give the out= of `jaso train`"),
        (["max_length=viele"], "max_length=viele; give a number of tokens, 2 or more"),
        (["prompt.words=3"], "config key 'prompt.words' is unknown"),
        (["tokenizer.vocabulry=500"], "config key 'tokenizer.vocabulry' is unknown; did you mean 'vocabulary'?"),
    ],
)
def test_wrong_requests(jaso: Jaso, arguments: list[str], message: str) -> None:
    ran = jaso("show", "prompt", "question_answer", *arguments)
    assert ran.code == 2
    assert message in ran.error
    assert ran.out == ""


def test_data_that_lack_a_field_altogether(jaso: Jaso, data: Path) -> None:
    ran = jaso("show", "prompt", "summary_answer", f"input={data}", "tokenizer.vocabulary=380")
    assert ran.code == 2
    assert (
        "none of 22 training examples can be used with prompt format 'summary_answer' (22 have no summary)" in ran.error
    )


def test_looking_does_not_wait_for_torch() -> None:
    code = (
        "import sys\n"
        "from jaso_pipeline.inspect.list_show_status import show\n"
        "show(['prompt', 'question_answer'])\n"
        "assert 'torch' not in sys.modules, 'torch was imported'\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_columns_stand_under_each_other_whatever_the_script() -> None:
    assert [display_width(text) for text in ("가a", "ｱ", "…", "e\u0301")] == [3, 1, 1, 1]
    assert fit_width("가나다", 5) == "가나…"
    assert fit_width("가나다라", 4) == "가… "
    cells = list(grid(["가나", "b", "다라마바사아자차카"], Encoded([1, 20, 300], [-100, 20, 300], 0), False, 72))
    assert cells == ["  ·   1 가나              +  20 b                 + 300 다라마바사아자…"]
    narrow = list(grid(["가", "b"], Encoded([1, 2], [-100, 2], 0), True, 4))
    assert narrow == ["  \x1b[2m· 1 가\x1b[0m", "  \x1b[32;1m+ 2 b \x1b[0m"]


def test_what_a_terminal_would_act_upon_is_shown_as_a_sign() -> None:
    assert show_controls("가\n나\x1b[31m\t", blank="␣") == "가⏎나\\u001b[31m⇥"


def test_what_the_vocabulary_does_not_have_is_counted(jaso: Jaso, data: Path) -> None:
    """Twenty answers of x alone, 1 to 20 of them, and two questions of q: the 2 most frequent characters are kept."""
    options = ["tokenizer.units=characters", "tokenizer.vocabulary=115", "tokenizer.alphabet=2"]
    shown = jaso("show", "prompt", "question_answer", f"input={data}", *options)
    assert shown.code == 0, shown.err
    assert row(shown.out, "tokens that are unknown")[0] == "2"  # 가.
