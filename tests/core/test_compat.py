"""What the code that leans on other libraries' privates does: a new version of one of them fails here, and not in a run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest

from jaso_core.compat.accelerate import shard_any_device
from jaso_core.compat.hydra import forget_plugin_launchers, without_outer_hydra
from jaso_core.compat.omegaconf import make_writable
from jaso_core.compat.openpyxl import worksheet_part
from jaso_core.compat.sacrebleu import one_reference_signature
from jaso_core.compat.scrapy import HostRules
from jaso_core.compat.submitit import update_jobs_only_if
from jaso_core.compat.torch import default_store, has_replaced_forward, replace_forward
from jaso_core.compat.tqdm import open_bars
from jaso_core.compat.transformers import attention_of, takes_dynamic_cache
from jaso_core.config import REQUIRED, config_folder


@pytest.fixture
def accelerate_state() -> Iterator[None]:
    """accelerate as in a new process; what was there before is put back."""
    from accelerate.state import AcceleratorState, GradientState, PartialState

    shared = [state._shared_state for state in (PartialState, AcceleratorState, GradientState)]
    before = [dict(state) for state in shared]
    for state in shared:
        state.clear()
    yield
    for state, former in zip(shared, before, strict=True):
        state.clear()
        state.update(former)


@pytest.mark.usefixtures("accelerate_state")
@pytest.mark.parametrize("is_patched", [True, False])
def test_accelerate_shards_on_cpus(is_patched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from accelerate.state import AcceleratorState, DistributedType, PartialState
    from accelerate.utils import FullyShardedDataParallelPlugin

    monkeypatch.delenv("ACCELERATE_USE_FSDP", raising=False)
    state = PartialState(cpu=True)
    state.distributed_type = DistributedType.MULTI_CPU  # as among several processes
    if is_patched:
        shard_any_device()
    plugin = FullyShardedDataParallelPlugin(fsdp_version=2)
    dynamo = SimpleNamespace(backend="NO")
    made = AcceleratorState(cpu=True, fsdp_plugin=plugin, dynamo_plugin=dynamo, _from_accelerator=True)
    assert (made.distributed_type == DistributedType.FSDP) == is_patched


def test_hydra_is_put_aside_and_back() -> None:
    import hydra
    from hydra.core.global_hydra import GlobalHydra

    def compose() -> list[str]:
        return sorted(map(str, hydra.compose(config_name="train")))

    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        outer, keys = GlobalHydra.instance().hydra, compose()
        with without_outer_hydra():
            assert not GlobalHydra.instance().is_initialized()
            with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
                assert GlobalHydra.instance().hydra is not outer
                assert compose() == keys
        assert GlobalHydra.instance().hydra is outer
        assert compose() == keys


@dataclass(frozen=True)
class Inner:
    number: int = 1


@dataclass(frozen=True)
class Outer:
    required: Inner = REQUIRED
    given: Inner = field(default_factory=lambda: Inner(2))


def test_launchers_of_plugins_are_forgotten() -> None:
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    store.store(group="hydra/launcher", name="made_up", node={"_target_": "nothing"})
    store.store(group="hydra/launcher", name="other", node={"_target_": "nothing"})
    forget_plugin_launchers(["made_up", "never_there"])
    assert "made_up.yaml" not in store.list("hydra/launcher")
    assert "other.yaml" in store.list("hydra/launcher")
    forget_plugin_launchers(["other"])


def test_the_part_of_a_worksheet(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.create_sheet("둘째")
    book.save(tmp_path / "two.xlsx")
    with ZipFile(tmp_path / "two.xlsx") as parts:
        names = set(parts.namelist())
    pages = openpyxl.load_workbook(tmp_path / "two.xlsx", read_only=True).worksheets
    assert [worksheet_part(page) for page in pages] == ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]
    assert {worksheet_part(page) for page in pages} <= names


def test_frozen_dataclasses_can_be_merged_into() -> None:
    from omegaconf import OmegaConf
    from omegaconf.errors import ReadonlyConfigError

    values = {"required": {"number": 3}, "given": {"number": 4}}
    with pytest.raises(ReadonlyConfigError):
        OmegaConf.merge(OmegaConf.structured(Outer), values)
    merged = OmegaConf.merge(make_writable(OmegaConf.structured(Outer)), values)
    assert OmegaConf.to_object(merged) == Outer(Inner(3), Inner(4))
    untouched = OmegaConf.to_object(make_writable(OmegaConf.structured(Outer)))
    assert untouched == Outer(Inner(1), Inner(2))


def test_sacrebleu_signs_what_it_has_not_computed() -> None:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    computed = BLEU(tokenize="char")
    computed.corpus_score(["가 나 다 라"], [["가 나 다 라"]])
    assert one_reference_signature(BLEU(tokenize="char")) == str(computed.get_signature())
    assert "|tok:kiwi|" in one_reference_signature(BLEU(tokenize="none"), "kiwi")
    assert one_reference_signature(CHRF()).startswith("nrefs:1|")


class OnceRefused(HostRules):
    """Counts the answers for robots.txt, and refuses the first."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self.hosts: list[str] = []

    async def parse_robots(self, response: Any, host: str, request: Any) -> None:
        from scrapy.exceptions import IgnoreRequest

        self.hosts.append(host)
        if len(self.hosts) == 1:
            raise IgnoreRequest("refused")
        await super().parse_robots(response, host, request)


def test_scrapys_rules_of_a_host_are_read_set_and_dropped() -> None:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.robotstxt import ProtegoRobotParser
    from scrapy.settings import Settings

    async def download_async(request: Request) -> Response:
        return Response(request.url, body=b"User-agent: *\nDisallow: /secret")

    async def send_catch_log_async(**_: Any) -> None:
        pass

    crawler: Any = SimpleNamespace(
        settings=Settings({"ROBOTSTXT_OBEY": True}),
        stats=SimpleNamespace(inc_value=lambda _: None),
        engine=SimpleNamespace(download_async=download_async),
        signals=SimpleNamespace(send_catch_log_async=send_catch_log_async),
        spider=None,
    )
    middleware, request = OnceRefused(crawler), Request("http://host:1/secret")

    def is_allowed() -> bool | None:
        rules = asyncio.run(middleware.robot_parser(request))
        return None if rules is None else rules.allowed(request.url, "jaso")

    assert not middleware.has_rules("host:1")
    assert is_allowed() is None
    middleware.drop_rules("host:1")
    assert not middleware.has_rules("host:1")
    assert is_allowed() is False
    assert middleware.has_rules("host:1")
    middleware.set_rules("host:1", ProtegoRobotParser.from_crawler(crawler, b""))
    assert is_allowed() is True
    assert middleware.hosts == ["host:1", "host:1"]


def test_submitit_asks_for_jobs_only_if_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    from submitit.slurm.slurm import SlurmInfoWatcher, SlurmJob

    class CountingWatcher(SlurmInfoWatcher):
        updates = 0

        def update(self) -> None:
            self.updates += 1

    watcher = CountingWatcher()
    monkeypatch.setattr(SlurmJob, "watcher", watcher)
    wanted = iter([False, True, False])
    update_jobs_only_if(lambda: pytest.fail("replaced"))
    update_jobs_only_if(lambda: next(wanted))
    for expected in (0, 1, 1):
        watcher.get_state("7", mode="force")
        assert watcher.updates == expected


def test_a_forward_of_torch_is_replaced() -> None:
    import torch

    module = torch.nn.Linear(2, 3)
    seen = []
    module.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    x = torch.ones(1, 2)
    before = module(x)
    with replace_forward(module, lambda first, second=1: (first, second)):
        assert has_replaced_forward(module)
        assert module(x, second=2) == (x, 2)
    assert not has_replaced_forward(module)
    assert (module(x) == before).all()
    assert len(seen) == 3  # hooks run either way
    with pytest.raises(ZeroDivisionError), replace_forward(module, lambda: 1 / 0):
        module()
    assert not has_replaced_forward(module)


def test_the_process_groups_store() -> None:
    import torch.distributed as dist

    store = dist.HashStore()
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        default_store().set("key", "value")
        assert default_store().get("key") == b"value"
        assert default_store().check(["key"])
        assert not default_store().check(["other"])
    finally:
        dist.destroy_process_group()
    with pytest.raises(ValueError, match="not been initialized"):
        default_store()


def test_open_bars_of_tqdm() -> None:
    from tqdm import tqdm

    before = open_bars()
    with open("/dev/null", "w") as nowhere:  # noqa: PTH123
        bar = tqdm(total=1, file=nowhere)
        assert [each for each in open_bars() if each not in before] == [bar]
        for each in open_bars():
            if each is bar:
                each.close()
        assert open_bars() == before


def test_attention_and_cache_of_transformers() -> None:
    from transformers import AutoModelForCausalLM, GPT2Config, ReformerModelWithLMHead, XLNetLMHeadModel

    tiny = GPT2Config(n_embd=4, n_layer=1, n_head=1, n_positions=4, vocab_size=4)
    model = AutoModelForCausalLM.from_config(tiny, attn_implementation="eager")
    assert attention_of(model) == "eager"
    model.set_attn_implementation("sdpa")
    assert attention_of(model) == "sdpa"
    assert takes_dynamic_cache(model)
    for kind in (ReformerModelWithLMHead, XLNetLMHeadModel):
        assert not takes_dynamic_cache(object.__new__(kind))


def test_no_slow_library_is_imported() -> None:
    """Not by the face and the command line, which read the configuration and show bars."""
    program = (
        "import sys, jaso, jaso_core.config, jaso_core.console, jaso_core.parallel.slurm, jaso_core.parallel.distributed\n"
        "print(*sorted({'torch', 'transformers', 'accelerate', 'scrapy', 'submitit', 'sacrebleu'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
