"""Data sets on the Hugging Face Hub: size and licence, and errors in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jaso_core.errors import JasoError, RequestError, WorkError, first_line
from jaso_core.io.hf_hub import is_offline


@dataclass(frozen=True)
class HubDataset:
    """Size, commit and licence of a data set on the hub; `bytes` are of all its files."""

    revision: str
    bytes: int
    licence: str | None


def dataset_on_hub(name: str, revision: str | None) -> HubDataset | None:
    """Ask the hub for a data set; None when offline, where only the cache may have it.

    RequestError: unknown, gated, no such revision; WorkError when the hub is not reached.
    """
    if is_offline():
        return None
    from huggingface_hub import HfApi

    with hub_dataset_errors(name):
        info = HfApi().dataset_info(name, revision=revision, files_metadata=True)
        size = sum(file.size or 0 for file in info.siblings or ())
        licence = getattr(info.card_data, "license", None) if info.card_data is not None else None
        names = licence if isinstance(licence, list) else [licence]
        return HubDataset(str(info.sha), size, ", ".join(str(part) for part in names if part) or None)


@contextmanager
def hub_dataset_errors(name: str) -> Iterator[None]:
    """Convert the errors of the hub's libraries in the block to one line."""
    from huggingface_hub import errors

    try:
        yield
    except JasoError:
        raise
    except errors.GatedRepoError:
        cure = "ask for access on its page, log in (`hf auth login`), then do it again"
        raise RequestError(f"{name}: is gated on the hub", cure) from None
    except errors.RevisionNotFoundError:
        raise RequestError(f"{name}: the hub has no such revision", "check dataset_revision=") from None
    except (errors.RepositoryNotFoundError, errors.HFValidationError):
        cure = (
            "check path=: a file, a folder of save_to_disk, or owner/name; for a private one log in (`hf auth login`)"
        )
        raise RequestError(f"{name}: no such file or folder, and no such data set on the hub", cure) from None
    except Exception as error:  # the library wraps what its HTTP client and its readers raise
        # Errors of the library's HTTP client (no connection, timeout) come through under that name.
        connection = (errors.HfHubHTTPError, getattr(errors, "HTTPError", OSError), OSError)
        is_connection = isinstance(error, connection) and not isinstance(error, FileNotFoundError)
        _raise_other(name, first_line(error), is_connection)


def _raise_other(name: str, text: str, is_connection: bool) -> None:
    if is_offline():
        what = f"{name}: no such file or folder, and HF_HUB_OFFLINE keeps jaso off the hub"
        raise RequestError(what, "check path=, or put HF_HUB_OFFLINE=0 before the command") from None
    if "onfig name is missing" in text or "BuilderConfig" in text:
        raise RequestError(f"{name}: {text}", "choose one with subset=…") from None
    if is_connection:
        raise WorkError(
            f"{name}: the hub cannot be reached ({text})", "check the connection, then do it again"
        ) from None
    raise RequestError(f"{name}: cannot be read ({text})", "fetch its files, and give a .parquet or .jsonl") from None
