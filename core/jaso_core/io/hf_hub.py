"""Hugging Face Hub upload checks: repository name, offline mode, HTTP errors."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from jaso_core.errors import RequestError, WorkError, first_line

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_REASONS = {
    401: ("you are not logged in, or the token is not valid", "log in (`hf auth login`), then do it again"),
    403: ("your token has no right to write there", "take a token that may write there (`hf auth login`)"),
}


def check_name(hub: str | None) -> None:
    """Raise RequestError when `hub` is no owner/name; None passes."""
    if hub is not None and not _NAME.fullmatch(hub):
        raise RequestError(f"config key 'hub': '{hub}' is no name on the hub", "write hub=owner/name")


def is_offline() -> bool:
    """Return whether HF_HUB_OFFLINE keeps the machine off the hub."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def check_online(hub: str) -> None:
    """Raise RequestError where HF_HUB_OFFLINE is on.

    It keeps all of jaso off the hub.
    """
    if is_offline():
        raise RequestError(
            f"hub={hub}: HF_HUB_OFFLINE keeps jaso off the hub", "put HF_HUB_OFFLINE=0 before the command"
        )


@contextmanager
def hub_errors(hub: str) -> Iterator[None]:
    """Convert the errors of the hub's library in the block to one line.

    WorkError when the hub refuses or is not reached; RequestError for a name that the hub does not take.
    """
    from huggingface_hub import errors

    # Errors of the library's HTTP client (no connection, timeout) come through under that name.
    failures = (errors.HfHubHTTPError, getattr(errors, "HTTPError", OSError), OSError)
    try:
        yield
    except errors.HFValidationError as error:
        raise RequestError(f"hub={hub}: {first_line(error)}", "write hub=owner/name as the hub takes it") from error
    except failures as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        usual = (first_line(error), "check connection and log-in (`hf auth login`), then do it again")
        reason, cure = _REASONS.get(status or 0, usual)
        raise WorkError(f"hub={hub}: {reason}", cure) from error
