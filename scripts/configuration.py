"""docs/configuration.md from the commands and their YAML files.

python scripts/configuration.py docs/configuration.md
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["JASO_LANG"] = "en"

from jaso_core.config import config_folder
from jaso_core.config_groups import group_choices, group_names
from jaso_pipeline.cli.commands import VERBS
from jaso_pipeline.cli.help import verb_help

HEAD = """# Every key and choice

Made from the commands and from `configs/` by `python scripts/configuration.py docs/configuration.md`. What
`jaso <command> --help` and `jaso show <group> <name>` print, on one page. `???` has no default.
"""


def main() -> None:
    """Write the page to the file that is given."""
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page: commands, then groups with the YAML of each choice."""
    parts = [HEAD, "## Commands"]
    for verb in VERBS.values():
        parts.append(f"### jaso {verb.command}\n\n```\n{verb_help(verb).rstrip()}\n```")
    parts.append("## Groups")
    for group in group_names():
        parts.append(f"### {group}=")
        for name in group_choices(group):
            text = (config_folder() / group / f"{name}.yaml").read_text(encoding="utf-8").strip()
            parts.append(f"`{group}={name}`\n\n```yaml\n{text}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
