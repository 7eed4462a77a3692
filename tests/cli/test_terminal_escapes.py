"""What data hold reaches the terminal as signs: no escape sequence, no forged line, no turned direction."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from support import ROOT, Jaso

from jaso_core.console import Lines, bar, result, say, visible
from jaso_core.errors import RequestError

CLIPBOARD = "\x1b]52;c;cm0gLXJmIH4=\x07"
CLEAR = "\x1b[2J\x1b[H"
HOSTILE = f"a{CLIPBOARD}{CLEAR}\x9b31m\r\u202egnp.exe\x08\x85\u2028b"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]")
KEPT = "한글 ㄱ 「」 é e\u0301 👩\u200d💻 ❤\ufe0f 가\u3000나 \u202f…−"


def steering(text: str) -> list[str]:
    """Return what would steer a terminal; line ends and tabs are plain."""
    return STEERING.findall(re.sub(r"\r(?=[\w ]+:|$)", "", text))  # a progress bar begins again


def test_controls_are_shown_and_text_is_kept() -> None:
    assert visible("\x1b[31mred\x9b0m\x07") == "\\u001b[31mred\\u009b0m\\u0007"
    assert visible("one\ntwo\r\n") == "one⏎two\\u000d⏎"
    assert visible(Lines("one\ntwo")) == "one\ntwo"
    assert visible("\u202eabc\u2066\ud83d") == "\\u202eabc\\u2066\\ud83d"
    assert visible(KEPT) == KEPT


def test_all_ways_to_the_terminal_are_filtered(capfd: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    say(Lines(f"one\n{HOSTILE}"))
    result(HOSTILE)
    result(f"\x1b[2m{HOSTILE}\x1b[0m", colours=True)
    out, err = capfd.readouterr()
    assert steering(err.replace("\r", "")) == []
    assert err.count("\n") == 3
    assert steering(out.replace("\x1b[2m", "").replace("\x1b[0m", "")) == []
    assert out.count("\n") == 2
    with bar(1, HOSTILE, "page") as progress:
        progress.update()
    assert "\x1b]52" not in capfd.readouterr().err


def test_an_error_is_one_line(jaso: Jaso, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f'"que{HOSTILE}stion","ans\nerror: forged\nwer"\n"a","b"\n', encoding="utf-8")
    ran = jaso("crawl", "source=csv", f"path={file}", f"out={tmp_path / 'o'}")
    assert ran.code == 2
    assert steering(ran.err) == []
    assert len([line for line in ran.err.splitlines() if line.startswith("error: ")]) == 1
    assert RequestError("a\nerror: b", "c\x85d").args == ("a error: b; c d",)


@pytest.mark.parametrize("command", ["status", "forget"])
def test_what_manifests_say(jaso: Jaso, tmp_path: Path, command: str) -> None:
    folder = tmp_path / f"cr{HOSTILE}\nerror: forged"
    (tmp_path / "t.csv").write_text("question,answer\n지원 동기?,일하고 싶습니다.\n", encoding="utf-8")
    assert jaso("crawl", "source=csv", f"path={tmp_path / 't.csv'}", f"out={tmp_path / 'plain'}").code == 0
    (tmp_path / "plain").rename(folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][f"x{HOSTILE}\nerror: forged"] = {"sha256": "0", "bytes": 1, "rows": 1}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ran = jaso(command, *([] if command == "status" else [HOSTILE]), str(tmp_path))
    assert steering(ran.out + ran.err) == []
    assert not any(line.startswith("error: forged") for line in (ran.out + ran.err).splitlines())


def test_a_damaged_manifest_is_one_line(jaso: Jaso, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"stage": HOSTILE}), encoding="utf-8")
    ran = jaso("crawl", "source=sample", f"out={tmp_path}")
    assert ran.code == 2
    assert steering(ran.err) == []


def test_changes_of_a_document_with_such_an_id(jaso: Jaso, tmp_path: Path) -> None:
    lines = [
        {"schema": 1, "id": f"{HOSTILE}{number}", "source": "test", "kind": "letter",
         "items": [{"question": f"지원  동기 {number}?", "answer": f"저는 {word} {CLEAR} OOO에서   일했습니다. \x1b[31m" * 9}]}
        for number, word in enumerate(("바다", "구름", "나무", "하늘", "별", "강", "산", "눈", "비", "꽃", "돌", "불"))
    ]  # fmt: skip
    file = tmp_path / "documents.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ran = jaso("preprocess", f"input={file}", f"out={tmp_path / 'p'}", "sentences=rules", "split.validation=0.2",
               "split.test=0.2")  # fmt: skip
    assert ran.code == 0, ran.err
    ran = jaso("show", "changes", str(tmp_path / "p"))
    assert "changes" in ran.out
    assert steering(ran.out + ran.err) == []


def test_text_is_printed_in_one_place() -> None:
    """`print`, the streams and progress bars are used by console.py alone; rich draws the table of a study."""
    packages = ("api", "core", "crawl", "evaluate", "pipeline", "preprocess", "synthetic", "train")
    ways = ("print", "sys.stdout.write", "sys.stderr.write", "tqdm", "traceback.print_exc", "traceback.print_exception",
            "pprint", "Console")  # fmt: skip
    places = {
        path.name
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ways
    }
    assert places == {"console.py", "progress_table.py"}
