"""What the README tells people to type is understood."""

from __future__ import annotations

import re
import shlex

import pytest
from support import ROOT, Jaso, page_commands

from jaso_pipeline.cli.commands import VERBS
from jaso_pipeline.inspect.list_show_status import COMMANDS


def jobs(words: list[str]) -> list[list[str]]:
    """The commands that a sweep (-m) stands for, as many as make each swept value appear once."""
    if "-m" not in words:
        return [words]
    swept = [(key, values.split(",")) for key, _, values in (word.partition("=") for word in words if word != "-m")]
    most = max(len(values) for _, values in swept)
    return [
        [f"{key}={values[min(place, len(values) - 1)]}" if values != [""] else key for key, values in swept]
        for place in range(most)
    ]


RUN_WHOLE = ("docs/extending.md",)
"""Pages whose commands run with files of the page itself, in a test of their own."""
PAGES = ["README.md", "README.ko.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize(
    "name",
    [
        page if page == "README.md" else pytest.param(page, marks=pytest.mark.slow)
        for page in PAGES
        if page not in RUN_WHOLE
    ],
)
def test_every_command_that_people_read_is_understood(jaso: Jaso, name: str) -> None:
    found = page_commands(name)
    assert len(found) >= 5 or not name.startswith("README")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in found:
        program, *words = shlex.split(command)
        if program == "make":
            assert f"\n{words[0]}: " in makefile, command
        elif program == "python":
            assert (ROOT / words[0]).is_file(), command
        elif words[0] in VERBS or words[0] == "sheet":
            for one in jobs(words):
                ran = jaso(*one, "--cfg", "job")
                assert ran.code == 0, f"{command}\n{ran.err}"
        else:
            assert words[0] in (*COMMANDS, "forget", "--help"), command


def test_the_examples_of_the_help_are_understood(jaso: Jaso) -> None:
    for verb in VERBS.values():
        ran = jaso(*shlex.split(verb.example)[1:], "--cfg", "job")
        assert ran.code == 0, f"{verb.example}\n{ran.err}"


def test_the_korean_readme_is_the_equal_of_the_english_one() -> None:
    english, korean = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))
    assert page_commands("README.md") == page_commands("README.ko.md")
    for mark in ("\n## ", "\n```", "\n|", "\n1. ", "\n2. ", "\n3. ", "\n!["):
        assert english.count(mark) == korean.count(mark), mark
    links = [set(re.findall(r"\]\(([^)]+)\)", text)) for text in (english, korean)]
    differing = {"README.ko.md", "README.md", "docs/ko/getting-started.md", "docs/ko/tour.md", "docs/tour.md"}
    assert {link for link in links[0] ^ links[1] if "pictures" not in link} <= differing
