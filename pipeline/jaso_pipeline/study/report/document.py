"""A report as a list of blocks, rendered to Markdown, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from jaso_core.language.markup import translate_markdown, translate_page
from jaso_core.report import tables
from jaso_core.report.escape import escape_latex, escape_markdown
from jaso_core.report.tables import Table
from jaso_core.report.text_markup import plain, render_text
from jaso_evaluate.report import stylesheet


@dataclass(frozen=True)
class Heading:
    """A section heading."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Verdict:
    """Head card: who is better, then why.

    `is_alarm`: something in it is not to be trusted.
    """

    sentences: Sequence[str]
    is_alarm: bool


@dataclass(frozen=True)
class Items:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True)
class Code:
    """Command lines as they are typed."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Figure:
    """A figure: `svg` inside the page; beside the report it is the file `name`."""

    name: str
    caption: str
    svg: Markup


@dataclass(frozen=True)
class Sample:
    """A prompt and what each cell wrote for it: (cell, text)."""

    prompt: str
    reference: str
    texts: Sequence[tuple[str, str]] = field(default_factory=tuple)


_MAX_CHARACTERS = 10_000

Block = Heading | Text | Verdict | Items | Table | Code | Figure | Sample


def _line(text: str) -> str:
    """Put text on one line; invisible and bidirectional characters become codes."""
    return plain(text, max_length=_MAX_CHARACTERS)


def markdown(title: str, blocks: Sequence[Block]) -> str:
    """Render a page in GitHub-flavoured Markdown."""
    return translate_markdown(f"# {_md(title)}\n\n{markdown_part(blocks)}")


def markdown_part(blocks: Sequence[Block]) -> str:
    """Render the blocks alone, for an existing page."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {_md(text)}"
        case Text(text):
            return _md(text)
        case Verdict(sentences):
            return "\n\n".join([f"**{_md(sentences[0])}**", *map(_md, sentences[1:])])
        case Items(items):
            return "\n".join(f"- {_md(item)}" for item in items)
        case Table():
            return tables.markdown(block, _md)
        case Code(lines):
            return "\n".join(["```bash", *lines, "```"])
        case Figure(name, caption, _):
            return f"![{_md(caption)}]({name})"
        case Sample(prompt, reference, texts):
            passages = [("prompt", prompt), ("reference", reference), *texts]
            return "\n".join(f"- **{_md(name)}**: {_md(text)}" for name, text in passages)


def _md(text: str) -> str:
    """Escape text for Markdown and HTML, on one line."""
    return escape_markdown(_line(text), special="\\`*_[]<>|#~$")


def latex(title: str, blocks: Sequence[Block]) -> str:
    """Render the tables in LaTeX (booktabs), with the texts as comments.

    It needs \\usepackage{booktabs}, and kotex for Hangul.
    """
    parts = [f"% {_line(title)}", *(_latex(block) for block in blocks)]
    return "\n".join(part for part in parts if part) + "\n"


def _latex(block: Block) -> str:
    match block:
        case Heading(text):
            return f"\n% {_line(text)}"
        case Text(text):
            return f"% {_line(text)}"
        case Verdict(sentences):
            return "\n".join(f"% {_line(sentence)}" for sentence in sentences)
        case Items(items):
            return "\n".join(f"% - {_line(item)}" for item in items)
        case Table():
            return tables.latex(replace(block, caption=_line(block.caption)), escape_text=_tex)
        case _:
            return ""


def _tex(text: str) -> str:
    return escape_latex(_line(text))


_REPORT_CSS = """
figure { margin: 1rem 0; max-width: 760px; } figcaption { font-size: .86rem; color: var(--soft); }
td.n small, th small { color: var(--soft); font-weight: 400; white-space: nowrap; }
td { overflow-wrap: normal; } th { white-space: normal; } tbody th { min-width: 12rem; }
pre { background: var(--panel); border-radius: 8px; padding: .8rem 1rem; overflow-x: auto; }
.sample { border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; margin: .8rem 0; }
.sample h3 { font-size: .82rem; color: var(--soft); margin: .6rem 0 .1rem; }
"""


def html(title: str, blocks: Sequence[Block]) -> str:
    """Render a single HTML file without scripts or network access."""
    style = stylesheet() + _REPORT_CSS
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = Markup(
        '<!doctype html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="{}">\n<title>{} – jaso</title>\n'
        "<style>\n{}</style>\n</head>\n"
    ).format(Markup(policy), title, Markup(style))
    body = Markup("\n").join(map(_html, blocks))
    page = head + Markup("<body>\n<main>\n<h1>{}</h1>\n{}\n</main>\n</body>\n</html>\n").format(title, body)
    return translate_page(str(page))


def _html(block: Block) -> Markup:
    match block:
        case Heading(text):
            return Markup("<h2>{}</h2>").format(text)
        case Text(text):
            return Markup("<p>{}</p>").format(text)
        case Verdict(sentences, is_alarm):
            head = Markup('<section class="{}"><h2>{}</h2>').format("alarm" if is_alarm else "winner", sentences[0])
            return head + Markup("").join(Markup("<p>{}</p>").format(s) for s in sentences[1:]) + Markup("</section>")
        case Items(items):
            return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(item) for item in items))
        case Table():
            return tables.html(block, lambda name: name.replace("_", Markup("_<wbr>")))
        case Code(lines):
            return Markup("<pre><code>{}</code></pre>").format("\n".join(lines))
        case Figure(_, caption, svg):
            return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(svg, caption)
        case Sample(prompt, reference, texts):
            passages = [("prompt", prompt), ("reference", reference), *texts]
            parts = (
                Markup('<h3>{}</h3><p dir="auto">{}</p>').format(plain(name), render_text(text))
                for name, text in passages
            )
            return Markup('<div class="sample">{}</div>').format(Markup("").join(parts))
