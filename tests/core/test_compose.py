"""One composition for the face and the command line: inside of a running Hydra, from threads, with extensions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hydra
import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException

from jaso_core.compose import compose
from jaso_core.config import config_folder


def test_it_composes_inside_of_a_running_hydra() -> None:
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        outer = GlobalHydra.instance().hydra
        assert compose("train", ["seed=7"]).seed == 7
        with pytest.raises(HydraException, match="nosuch"):
            compose("train", ["model=nosuch"])
        assert GlobalHydra.instance().hydra is outer
        assert hydra.compose(config_name="train").seed != 7


def test_it_composes_from_several_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        configs = list(pool.map(lambda seed: compose("train", [f"seed={seed}"]), range(8)))
    assert [config.seed for config in configs] == list(range(8))


def test_groups_of_extensions_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configs" / "model").mkdir(parents=True)
    (tmp_path / "configs" / "model" / "mine.yaml").write_text("name: mine\n", encoding="utf-8")
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path))
    assert compose("train", ["model=mine"]).model.name == "mine"
