"""`source=aihub_interview download=true`: the user's aihubshell, played by a program that behaves as badly as it does."""

from __future__ import annotations

import contextlib
import io
import json
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError, WorkError
from jaso_crawl.aihub.aihubshell import KEY_VARIABLE, exclusive_lock

Crawl = Callable[..., Path]
SOURCE = "aihub_interview"
KEY = "SECRET-0f3a9c-KEY"
ROOT = "129.채용면접_인터뷰_데이터/01-1.정식개방데이터"

TOOL = r"""
import json, os, pathlib, sys
arguments = sys.argv[1:]
told = dict(zip(arguments[::2], arguments[1::2]))
key = os.environ.get("AIHUB_APIKEY")
with open(HERE / "calls.jsonl", "a") as calls:
    calls.write(json.dumps({"arguments": arguments, "key": key, "cwd": os.getcwd(), "locale": os.environ.get("LC_ALL")}) + "\n")
print("aihubshell version 25.09.19 v0.6")
plan = json.loads((HERE / "plan.json").read_text())
if told["-mode"] == "l":
    for number, name in enumerate(plan["listed"]):
        print(f"            │  ├─{name} | 12 MB | {500 + number}")
    raise SystemExit(1)
print(f"apikey:{key}\r 10 %\r100 % of {key}\n", end="")
for name, pieces in plan["files"].items():
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix, source in pieces.items():
        pathlib.Path(name + suffix).write_bytes((HERE / "store" / source).read_bytes())
print(plan["last"])
raise SystemExit(plan["status"])
"""


class Shop:
    """A fake aihubshell with what it lists, what it brings and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "store").mkdir(parents=True)
        self.program = folder / "aihubshell"
        body = TOOL.replace("import json", f"from pathlib import Path\nHERE = Path({str(folder)!r})\nimport json", 1)
        self.program.write_text(f"#!{sys.executable}\n{body}", "utf-8")
        self.program.chmod(0o755)
        self.listed = ["TS_05.ICT_Female_New.zip", "TL_05.ICT_Female_New.zip", "VL_05.ICT Female_New.zip"]
        self.files: dict[str, dict[str, str]] = {}
        self.last, self.status = "병합이 완료 되었습니다.", 0

    def bring(self, name: str, content: bytes, size: int | None = None) -> None:
        """A zip, whole or in parts of `size` bytes."""
        pieces = {"": content}
        if size is not None:
            pieces = {f".part{at}": content[at : at + size] for at in range(0, len(content), size)}
        number = len(list((self.folder / "store").iterdir()))
        stored = {suffix: f"{number}-{suffix}" for suffix in pieces}
        for suffix, source in stored.items():
            (self.folder / "store" / source).write_bytes(pieces[suffix])
        self.files[name] = stored
        self.open()

    def open(self) -> None:
        plan = {"listed": self.listed, "files": self.files, "last": self.last, "status": self.status}
        (self.folder / "plan.json").write_text(json.dumps(plan), "utf-8")

    @property
    def calls(self) -> list[dict[str, Any]]:
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def zip_of(split: str, ballast: int = 0) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        if ballast:
            archive.writestr("note.bin", random.Random(0).randbytes(ballast))
        for number in range(3):
            body = {
                "dataSet": {"question": {"raw": {"text": "질문"}}, "answer": {"raw": {"text": f"{split} {number}"}}}
            }
            archive.writestr(f"/ckmk_d_ict_f_n_{split[0]}{number}.json", json.dumps(body))
    return stream.getvalue()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv(KEY_VARIABLE, f"{KEY}\n")
    monkeypatch.setenv("LC_ALL", "C")
    shop = Shop(tmp_path / "shop")
    monkeypatch.setenv("PATH", f"{shop.folder}:/usr/bin:/bin")
    shop.bring(f"{ROOT}/Training/02.라벨링데이터/TL_05.ICT_Female_New.zip", zip_of("training"))
    shop.bring(f"{ROOT}/Validation/02.라벨링데이터/VL_05.ICT_Female_New.zip", zip_of("validation"))
    return shop


def texts(out: Path) -> list[str]:
    lines = (out / "documents.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["items"][0]["answer"] for line in lines]


def assert_no_key_below(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_label_zips_are_listed_asked_for_and_read(
    shop: Shop, crawl: Crawl, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = crawl(source=SOURCE, download=True)
    assert texts(out) == [f"{split} {number}" for split in ("training", "validation") for number in range(3)]
    listing, download = shop.calls
    assert listing["arguments"] == ["-mode", "l", "-datasetkey", "71592"]
    assert listing["key"] is None
    assert download["arguments"] == ["-mode", "d", "-datasetkey", "71592", "-filekey", "501,502"]
    assert (download["key"], download["locale"]) == (KEY, "C.UTF-8")
    assert Path(download["cwd"]).is_relative_to(out / "cache" / "aihub")
    assert_no_key_below(out)
    shown = capsys.readouterr()
    assert KEY not in shown.out + shown.err
    (log,) = out.rglob("aihubshell.log")
    assert "100 % of [key]\n" in log.read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "shop"]


def test_parts_are_joined_by_number(shop: Shop, crawl: Crawl) -> None:
    name = f"{ROOT}/Training/02.라벨링데이터/TL_05.ICT_Female_New.zip"
    del shop.files[name]
    shop.bring(name, zip_of("training", ballast=11 * 2**20), size=2**20)
    out = crawl(source=SOURCE, download=True)
    parts = sorted(path.name.partition(".zip")[2] for path in out.rglob("*.part*"))
    assert parts[:4] == [".part0", ".part1048576", ".part10485760", ".part11534336"]
    assert texts(out)[:3] == ["training 0", "training 1", "training 2"]


def test_what_is_downloaded_is_not_asked_for_again(
    shop: Shop, crawl: Crawl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    crawl(source=SOURCE, download=True)
    monkeypatch.delenv(KEY_VARIABLE)
    shop.program.unlink()
    out = crawl(source=SOURCE, download=True, aihub_split="training")
    assert "is downloaded, nothing is asked of AI Hub" in capsys.readouterr().err
    assert texts(out) == ["training 0", "training 1", "training 2"]
    assert len(shop.calls) == 2


def test_a_zip_that_was_cut_off_later_is_downloaded_again(shop: Shop, crawl: Crawl) -> None:
    out = crawl(source=SOURCE, download=True)
    next((out / "cache").rglob("VL_*.zip")).write_bytes(b"PK")
    crawl(source=SOURCE, download=True, max_documents=1)
    assert len(shop.calls) == 4


def test_filekeys_need_no_listing_and_have_a_place_of_their_own(shop: Shop, crawl: Crawl) -> None:
    crawl(source=SOURCE, download=True, filekeys=[7, 9])
    (call,) = shop.calls
    assert call["arguments"][-2:] == ["-filekey", "7,9"]
    crawl(source=SOURCE, download=True, filekeys=[9])
    assert [call["arguments"][-1] for call in shop.calls] == ["7,9", "9"]


def test_an_exit_status_says_nothing(shop: Shop, crawl: Crawl) -> None:
    shop.status = 3
    shop.open()
    assert len(texts(crawl(source=SOURCE, download=True))) == 6


def spoil_nothing(shop: Shop) -> None:
    shop.files, shop.last = {}, f"승인 유효기간 만료 ({KEY}) 재신청"


def spoil_one(shop: Shop) -> None:
    shop.files.popitem()


def spoil_order(shop: Shop) -> None:
    content = zip_of("training", ballast=4000)
    shop.files.clear()
    shop.bring("TL_05.ICT_Female_New.zip", content[1500:3000] + content[:1500] + content[3000:])
    shop.bring("VL_05.ICT_Female_New.zip", zip_of("validation"))


def spoil_size(shop: Shop) -> None:
    shop.bring("VL_05.ICT_Female_New.zip", b"")


def spoil_gap(shop: Shop) -> None:
    shop.bring("VL_05.ICT_Female_New.zip", zip_of("validation"), size=300)
    del shop.files["VL_05.ICT_Female_New.zip"][".part300"]


def only_audio(shop: Shop) -> None:
    shop.files.clear()
    shop.bring("TS_05.ICT_Female_New.zip", b"x")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_nothing, r"no zip of labels arrived \(0 files of audio\); its last line: 승인 유효기간 만료 \(\[key\]\) 재신청; see .*log; is data set 71592 approved"),
        (only_audio, r"no zip of labels arrived \(1 files of audio\); its last line: 병합이"),
        (spoil_one, r"1 zips did not arrive, the first is VL_05\.ICT Female_New\.zip; its last line: 병합이"),
        (spoil_order, r"TL_05\.ICT_Female_New\.zip: not a whole zip \(member note\.bin is not in its place\)"),
        (spoil_size, r"VL_05\.ICT_Female_New\.zip: not a whole zip \(File is not a zip file\)"),
        (spoil_gap, r"part600: the 300 bytes before this part are missing; its last line"),
    ],
)  # fmt: skip
def test_what_did_not_arrive_is_one_clear_line_and_tried_again(
    spoil: Callable[[Shop], None], message: str, shop: Shop, crawl: Crawl, tmp_path: Path
) -> None:
    whole = dict(shop.files)
    spoil(shop)
    shop.open()
    with pytest.raises(WorkError, match=message) as caught:
        crawl(source=SOURCE, download=True)
    assert KEY not in str(caught.value)
    assert_no_key_below(tmp_path / "out")
    shop.files = whole
    shop.open()
    assert len(texts(crawl(source=SOURCE, download=True))) == 6


def test_an_empty_listing_is_told(shop: Shop, crawl: Crawl) -> None:
    shop.listed = ["TS_05.ICT_Female_New.zip"]
    shop.open()
    with pytest.raises(WorkError, match=r"aihubshell lists no zip of labels .* its last line: .*TS_05.*filekeys="):
        crawl(source=SOURCE, download=True)


def test_without_key_or_tool_nothing_begins(
    shop: Shop, crawl: Crawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RequestError, match=r"aihubshell=other: no such program; get aihubshell from aihub\.or\.kr"):
        crawl(source=SOURCE, download=True, aihubshell="other")
    shop.program.chmod(0o644)
    with pytest.raises(RequestError, match=r"is not executable; chmod \+x "):
        crawl(source=SOURCE, download=True, aihubshell=str(shop.program))
    monkeypatch.setenv(KEY_VARIABLE, " ")
    with pytest.raises(RequestError, match=r"AIHUB_APIKEY, which is not set; read -rs AIHUB_APIKEY; export"):
        crawl(source=SOURCE, download=True)
    assert not shop.calls
    assert not (tmp_path / "out").exists()


def test_a_lost_key_after_a_broken_download_leaves_a_folder_that_can_go_on(
    shop: Shop, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, shop.files = dict(shop.files), {}
    shop.open()
    with pytest.raises(WorkError):
        crawl(source=SOURCE, download=True)
    monkeypatch.delenv(KEY_VARIABLE)
    for _ in range(2):
        with pytest.raises(RequestError, match="which is not set"):
            crawl(source=SOURCE, download=True)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    shop.files = whole
    shop.open()
    assert len(texts(crawl(source=SOURCE, download=True))) == 6


def test_two_tools_never_work_in_one_folder(shop: Shop, crawl: Crawl, tmp_path: Path) -> None:
    whole, shop.files = dict(shop.files), {}
    shop.open()
    with pytest.raises(WorkError):
        crawl(source=SOURCE, download=True)
    shop.files = whole
    shop.open()
    with (
        exclusive_lock(tmp_path / "out" / "cache" / "aihub" / "labels"),
        pytest.raises(WorkError, match="an aihubshell is still at work here; wait until it has ended"),
    ):
        crawl(source=SOURCE, download=True)
    assert len(shop.calls) == 2


def alive_in_group(group: int) -> list[str]:
    """Processes of a group, without those that ended and wait for somebody to notice."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = path.read_text("utf-8", "replace").rpartition(")")
            state, _, its_group = rest.split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(name)
    return found


def test_who_stops_the_crawl_stops_the_tool(shop: Shop, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    shop.program.write_text(f"#!/bin/sh\necho $$ > {note}.new; mv {note}.new {note}; sleep 60\n", "utf-8")
    config = {"source": SOURCE, "download": True, "out": str(tmp_path / "out")}
    program = f"from jaso_crawl.run import run, settings; run(settings({config!r}))"
    crawl = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not note.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    crawl.send_signal(signal.SIGINT)
    assert crawl.wait(30) != 0
    assert alive_in_group(int(note.read_text())) == []
