"""Help texts, generated from the command table and the YAML files."""

from __future__ import annotations

import yaml

from jaso_core.config import config_folder
from jaso_core.config_groups import group_choices
from jaso_core.language import translate
from jaso_pipeline.cli.commands import INSPECT_COMMANDS, MAINTENANCE_COMMANDS, VERBS, Verb


def overview() -> str:
    """Return the text of `jaso --help`."""
    lines = [
        translate("jaso (자소): crawl, clean, fine-tune and evaluate Korean career writing"),
        "",
        translate("usage: jaso <command> …"),
        "",
    ]
    lines += [translate("Work (each writes one folder; the same command again continues or does nothing)")]
    lines += [f"  {verb.command:<14} {translate(verb.summary)}\n  {'':<14}   {verb.usage}" for verb in VERBS.values()]
    lines += ["", translate("Look")]
    lines += [
        f"  {name:<14} {translate(summary)}\n  {'':<14}   {usage}".rstrip()
        for name, (usage, summary) in INSPECT_COMMANDS.items()
    ]
    lines += ["", translate("Care")]
    lines += [
        f"  {name:<14} {translate(summary)}\n  {'':<14}   {usage}"
        for name, (usage, summary) in MAINTENANCE_COMMANDS.items()
    ]
    lines += [
        "",
        translate(
            "`jaso <command> --help` shows its keys and choices; `--cfg job` the composed configuration; `-m` sweeps."
        ),
        translate("Exit codes: 0 done, 1 the work failed, 2 the request was wrong."),
        translate("Language: lang=ko or lang=en after any command; without it JASO_LANG, or the locale."),
        "",
        f"{translate('First steps:')}  jaso pipeline source=sample experiment=demo out=runs/demo",
    ]
    return "\n".join(lines)


def verb_help(verb: Verb) -> str:
    """Return the text of `jaso <verb> --help`."""
    text = (config_folder() / f"{verb.name}.yaml").read_text(encoding="utf-8")
    groups = [name for name in _groups(text) if group_choices(name)]
    lines = [
        f"jaso {verb.command}: {translate(verb.summary)}",
        "",
        f"usage:   jaso {verb.command} {verb.usage} [key=value …]",
    ]
    lines += [f"writes:  {verb.writes}", f"example: {verb.example}", ""]
    if groups:
        lines += ["Choices (group=name; `jaso show <group> <name>` tells the keys that come with one)"]
        lines += [f"  {group + '=':<12} {', '.join(group_choices(group))}" for group in groups]
        lines += [""]
    lines += ["Keys", *(f"  {line}" for line in _own_keys(text)), "  seed: 0 # of everything random", ""]
    lines += ["Flags:  --cfg job (print the configuration)   -m (sweep: key=a,b)   --help"]
    lines += ["Sweeps: -m key=a,b [hydra/launcher=joblib hydra.launcher.n_jobs=4 | hydra/launcher=slurm]"]
    return "\n".join(lines)


def _groups(text: str) -> list[str]:
    defaults = yaml.safe_load(text).get("defaults", [])
    return [key.removeprefix("optional ") for entry in defaults if isinstance(entry, dict) for key in entry]


def _own_keys(text: str) -> list[str]:
    """Return the YAML lines below the defaults list, with their comments."""
    lines = text.splitlines()
    start = 0
    for number, line in enumerate(lines):
        if line.startswith(("defaults:", "  - ")):
            start = number + 1
    return [line for line in lines[start:] if line.strip() and not line.startswith("hydra")]
