"""Entry point of the `jaso` command: dispatch, error messages, exit codes."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jaso_core.console import close_bars, result, say
from jaso_core.errors import ExitCode, JasoError, RequestError, WorkError, did_you_mean
from jaso_core.parallel.distributed import exit_process
from jaso_pipeline.cli.commands import INSPECT_COMMANDS, MAINTENANCE_COMMANDS, VERBS, Verb


def main(arguments: list[str] | None = None) -> None:
    """Run `jaso`. Exit codes: 0 done, 1 the work failed, 2 the request was wrong."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no downloads from a hub unless the user allows them
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # no warning when the data loader forks
    exit_process(int(run_guarded(lambda: dispatch(list(sys.argv[1:] if arguments is None else arguments)))))


def run_guarded(command: Callable[[], None]) -> ExitCode:
    """Run `command`; a user error becomes one line, a bug keeps its traceback."""
    try:
        command()
    except KeyboardInterrupt:
        close_bars()
        say("stopped; the same command continues where it was")
        return ExitCode.FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        return report_error(error)
    return ExitCode.DONE


def report_error(error: Exception) -> ExitCode:
    """Report an error: one line for a user's or machine's fault, else the traceback."""
    close_bars()
    jaso_error = error if isinstance(error, JasoError) else operating_system_error(error)
    if jaso_error is not None:
        say(f"error: {jaso_error}")
        return jaso_error.exit_code
    traceback.print_exception(error)
    say("error: this is a bug in jaso; please report the lines above with the command")
    return ExitCode.FAILED


def dispatch(arguments: list[str]) -> None:
    """Run one command line. RequestError when the verb is unknown."""
    from jaso_pipeline.cli.help import overview, verb_help
    from jaso_pipeline.inspect import list_show_status as look

    if not arguments or arguments[0] in ("-h", "--help", "help"):
        result(overview())
        return
    verb, rest = arguments[0], arguments[1:]
    if verb == "sheet":
        if not rest or rest[0] not in ("make", "read"):
            raise RequestError("`jaso sheet` needs to know what for", "jaso sheet make …, or jaso sheet read …")
        verb, rest = f"sheet-{rest[0]}", rest[1:]
    if verb in ("--version", "-V"):
        result(look.version())
    elif verb in VERBS:
        if any(argument in ("-h", "--help") for argument in rest):
            result(verb_help(VERBS[verb]))
        else:
            run_verb(VERBS[verb], rest)
    elif verb in INSPECT_COMMANDS:
        look.COMMANDS[verb](rest)
    elif verb == "forget":
        from jaso_pipeline.forget import forget

        forget(rest)
    else:
        raise RequestError(
            f"command '{verb}' is unknown", did_you_mean(verb, [*VERBS, *INSPECT_COMMANDS, *MAINTENANCE_COMMANDS])
        )


def run_verb(verb: Verb, arguments: list[str]) -> None:
    """Compose the configuration, run the stage, print the path of its result."""
    from jaso_pipeline.cli.hydra_app import run_with_hydra

    def job(config: dict[str, Any]) -> None:
        stage = verb.load()
        settings = stage.settings(config)
        stage.run(settings)
        output = getattr(settings, "result", Path(settings.out) / verb.result)
        result(str(output if output.exists() else settings.out))

    run_with_hydra(verb.name, arguments, job, report_error)


_PATH_ERRORS = {
    errno.EACCES: "not allowed",
    errno.EPERM: "not allowed",
    errno.EROFS: "cannot be written to",
    errno.ENOTDIR: "a part of this path is a file",
    errno.EISDIR: "is a folder",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "its links go round in circles",
}


def operating_system_error(error: BaseException | None) -> JasoError | None:
    """Convert full disks and impossible paths to a JasoError, since they are no bugs.

    The whole chain of causes is searched. None for any other error.
    """
    while error is not None:
        if _disk_is_full(error):
            location = getattr(error, "filename", None) or "the output folder"
            return WorkError(
                f"{location}: no space left on the disk", "free some, then run the same command: it continues"
            )
        if isinstance(error, OSError) and error.errno in _PATH_ERRORS:
            return RequestError(f"{error.filename or 'a path'}: {_PATH_ERRORS[error.errno]}", "give another path")
        error = error.__cause__ or error.__context__
    return None


def _disk_is_full(error: BaseException) -> bool:
    """Return whether the disk is full.

    Also as torch and safetensors report it, which write files themselves and raise their own errors.
    """
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    text = str(error)
    return f"os error {errno.ENOSPC}" in text or ("inline_container" in text and "unexpected pos" in text)
