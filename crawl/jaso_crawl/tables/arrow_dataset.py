"""Read data sets of the `datasets` library: save_to_disk folders, hub names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from jaso_core.console import say
from jaso_core.errors import RequestError, first_line
from jaso_core.io.free_space import free_disk
from jaso_core.io.hub_dataset import dataset_on_hub, hub_dataset_errors
from jaso_core.io.shapes import read_json_as
from jaso_core.text.invisible import comparable_name
from jaso_crawl.tables.table import Choose, Row, Table, choose_none, row_of

SAVED = ("dataset_dict.json", "state.json")
_ROWS = 256
_CURE = "save it once more with save_to_disk, or give a .parquet or .jsonl"


class _Splits(TypedDict):
    """dataset_dict.json of a folder of save_to_disk."""

    splits: list[str]


class _DataFile(TypedDict):
    filename: str


class _State(TypedDict):
    """state.json of a split of save_to_disk, as far as it is read here."""

    _data_files: list[_DataFile]


@dataclass(frozen=True)
class LoadedDataset:
    """Splits by name, with licence and commit on the hub; without splits one, ""."""

    splits: Mapping[str, Any]
    licence: str | None = None
    revision: str | None = None


def is_saved(folder: Path) -> bool:
    """Return whether a folder was written by save_to_disk."""
    return any((folder / name).is_file() for name in SAVED)


def load_saved(folder: Path) -> LoadedDataset:
    """Load a folder of save_to_disk, memory-mapped. RequestError for damage.

    The Arrow files must lie in it: a state.json that names others is refused.
    """
    listing = folder / "dataset_dict.json"
    names = read_json_as(listing, _Splits)["splits"] if listing.is_file() else [""]
    _check_inside(names, listing)
    datasets = _library()
    splits: dict[str, Any] = {}
    for name in names:
        # The library writes a split without rows and then cannot read it.
        if not _arrow_files(folder / name):
            say(f"crawl: {folder.name}: split {name} has no rows and is left out")
            continue
        try:
            splits[name] = datasets.load_from_disk(str(folder / name))
        except Exception as error:  # the library raises what its readers do
            raise RequestError(f"{folder}: no data set of save_to_disk ({first_line(error)})", _CURE) from None
    if not splits:
        raise RequestError(f"{folder}: has no rows", "give a data set with rows")
    return LoadedDataset(splits)


def _arrow_files(folder: Path) -> list[str]:
    """Return the names of a split's Arrow files. RequestError for one outside of it."""
    state = folder / "state.json"
    names = [entry["filename"] for entry in read_json_as(state, _State)["_data_files"]]
    _check_inside(names, state)
    return names


def _check_inside(names: Sequence[str], listing: Path) -> None:
    if any(Path(name).name != name or name == ".." for name in names):
        raise RequestError(f"{listing}: names a file outside of its folder", _CURE)


def load_from_hub(name: str, subset: str | None, revision: str | None) -> LoadedDataset:
    """Load a data set by its hub name; what it takes is printed before the download.

    The library reads data files only: a data set that is a script, or pickles, is refused by it. RequestError: unknown,
    gated, no such revision, offline, no room.
    """
    facts = dataset_on_hub(name, revision)
    if facts is not None:
        terms = f"licence {facts.licence}" if facts.licence else "no licence told"
        say(f"crawl: {name} of the hub: {facts.bytes / 2**20:,.1f} MB, {terms}, revision {facts.revision[:12]}")
        if 2 * facts.bytes > (free := free_disk(Path.home())):
            what = f"{name}: takes {2 * facts.bytes / 2**30:,.1f} GB on the disk, {free / 2**30:,.1f} GB are free"
            raise RequestError(what, "make room, or set HF_HOME to a larger disk")
    datasets = _library()
    with hub_dataset_errors(name):
        loaded = datasets.load_dataset(name, subset, revision=facts.revision if facts is not None else revision)
    licence, resolved = (facts.licence, facts.revision) if facts is not None else (None, revision)
    return LoadedDataset(dict(loaded), licence, resolved)


def read_arrow_table(dataset: Any, name: str, used_columns: Collection[str], choose: Choose = choose_none) -> Table:
    """Return one split as a table; `name` begins the rows' locations.

    Only the columns in use are read, as Arrow: images and sounds are not decoded. RequestError for a damaged file.
    """
    columns = [comparable_name(column) for column in dataset.column_names]
    further = set(choose([column for column in columns if columns.count(column) == 1]))
    wanted = {*used_columns, *further}
    names = {column: raw for column, raw in zip(columns, dataset.column_names, strict=True) if column in wanted}
    return Table(tuple(columns), _rows(dataset, name, names, further))


def _rows(dataset: Any, name: str, names: Mapping[str, str], further: Collection[str]) -> Iterator[Row]:
    number = 0
    try:
        batches = dataset.select_columns(list(names.values())).with_format("arrow").iter(_ROWS)
        for batch in batches:
            cells = [batch.column(raw).to_pylist() for raw in names.values()]
            for values in zip(*cells, strict=True):
                number += 1
                row = dict(zip(names, values, strict=True))
                yield row_of(f"{name}:{number}", row, names.keys() - further, further)
    except Exception as error:  # pyarrow's, for a damaged file or a value beyond Python's
        raise RequestError(f"{name}: cannot be read behind row {number} ({first_line(error)})", _CURE) from None


def _library() -> Any:
    import datasets  # type: ignore[import-untyped, unused-ignore]

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    return datasets
