"""Registry of prompt formats: Python classes and YAML files.

A YAML file holds a whole format.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from jaso_core.config import config_folder, to_settings
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.prompts.base import META, PromptFormat, UnknownFieldError
from jaso_core.prompts.fields import FieldsOptions, YamlPrompt
from jaso_core.prompts.specimen import SPECIMEN
from jaso_core.registry import Entry, Registry, extension_folders

DATA_KEY = "reads"
"""A YAML with this key holds a whole format; one without it holds the options of a class."""


class PromptRegistry(Registry[PromptFormat]):
    """Registry of prompt formats by name.

    A format that is an order of fields needs no class: its YAML is enough.
    """

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*super().names(), *_data_files()})

    def get(self, name: str) -> Entry[PromptFormat]:
        """The entry, or a RequestError that says what was meant."""
        if name in super().names():
            return super().get(name)
        file = _data_files().get(name)
        if file is None:
            raise RequestError(f"{self.group} '{name}' is unknown", did_you_mean(name, self.names()))
        return Entry(name, lambda options: YamlPrompt(name, options), FieldsOptions, _comment(file), file, 1)

    def build(self, node: Mapping[str, Any], where: str) -> PromptFormat:
        """Build the prompt format that a config node asks for.

        Keys that the node lacks are those of the format's YAML. RequestError when it reads a field that examples do not
        have, by name or in its code.
        """
        prompt = self._build(node, where)
        for field in (*prompt.reads, prompt.writes):
            if not (field.startswith(META) or hasattr(SPECIMEN, field)):
                raise prompt.unknown_field(field)
        try:
            prompt.context(SPECIMEN)
        except UnknownFieldError:
            raise
        except RequestError:
            pass  # a format may want more than the specimen has
        except AttributeError as error:
            if error.obj is not SPECIMEN or error.name is None:
                raise
            raise prompt.unknown_field(error.name) from None
        return prompt

    def _build(self, node: Mapping[str, Any], where: str) -> PromptFormat:
        name = str(node.get("name"))
        if name in super().names() or (DATA_KEY not in node and name not in _data_files()):
            return super().build(node, where)
        file = _data_files().get(name)
        body = {**(_body(file) if file else {}), **node}
        options = to_settings({key: value for key, value in body.items() if key != "name"}, FieldsOptions, where)
        return YamlPrompt(name, options)


def _data_files() -> dict[str, Path]:
    """Return {name: file} of the YAML files that hold a whole format.

    Those here and those in extension folders.
    """
    folders = [config_folder() / "prompt", *(folder / "configs" / "prompt" for folder in extension_folders())]
    files = [file for folder in folders for file in sorted(folder.glob("*.yaml"))]
    return {file.stem: file for file in files if DATA_KEY in _body(file)}


def _body(file: Path) -> dict[str, Any]:
    try:
        body = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise RequestError(f"{file}:{line}: is no YAML", "mend the file") from None
    return body if isinstance(body, dict) else {}


def _comment(file: Path) -> str:
    """The comment at the head of a YAML file."""
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("#").strip())
    return "\n".join(lines)
