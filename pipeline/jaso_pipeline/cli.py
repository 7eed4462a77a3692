"""The `jaso` command: finds the verb, runs it, and turns whatever goes wrong into one line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jaso_core.errors import ExitCode, JasoError, RequestError, WorkError, did_you_mean
from jaso_core.say import result, say
from jaso_pipeline.verbs import LOOKING, VERBS, Verb


def main(arguments: list[str] | None = None) -> None:
    """The entry point. Exit codes: 0 done, 1 the work failed, 2 the request was wrong."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched from a hub unless the user says so
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # no warning when the data loader forks
    sys.exit(int(guarded(lambda: dispatch(list(sys.argv[1:] if arguments is None else arguments)))))


def guarded(command: Callable[[], None]) -> ExitCode:
    """Runs `command`; a person's mistake becomes one line, a bug keeps its traceback."""
    try:
        command()
    except JasoError as error:
        say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        say("stopped; the same command continues where it was")
        return ExitCode.FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        known = _operating_system_error(error)
        if known is None:
            traceback.print_exc()
            say("error: this is a bug in jaso; please report the lines above with the command")
            return ExitCode.FAILED
        say(f"error: {known}")
        return known.exit_code
    return ExitCode.DONE


def dispatch(arguments: list[str]) -> None:
    """Runs one command line. RequestError when the verb is unknown."""
    from jaso_pipeline import look
    from jaso_pipeline.help import overview, verb_help

    if not arguments or arguments[0] in ("-h", "--help", "help"):
        result(overview())
        return
    verb, rest = arguments[0], arguments[1:]
    if verb in ("--version", "-V"):
        result(look.version())
    elif verb in VERBS:
        if any(argument in ("-h", "--help") for argument in rest):
            result(verb_help(VERBS[verb]))
        else:
            work(VERBS[verb], rest)
    elif verb in LOOKING:
        look.COMMANDS[verb](rest)
    else:
        raise RequestError(f"command '{verb}' is unknown", did_you_mean(verb, [*VERBS, *LOOKING]))


def work(verb: Verb, arguments: list[str]) -> None:
    """Composes the configuration and runs the stage; prints the path of what was asked for."""
    from jaso_pipeline.door import open_door

    def job(config: dict[str, Any]) -> None:
        stage = verb.load()
        settings = stage.settings(config)
        stage.run(settings)
        result(str(Path(settings.out) / verb.result))

    open_door(verb.name, arguments, job)


def _operating_system_error(error: BaseException | None) -> JasoError | None:
    """Full disks and missing permissions, wherever in the chain of causes they are, are no bugs."""
    while error is not None:
        if isinstance(error, OSError):
            where = error.filename or "the output folder"
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                return WorkError(
                    f"{where}: no space left on the disk",
                    "free some, then run the same command: it continues",
                )
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                return RequestError(f"{where}: not allowed", "check the permissions, or give another path")
        error = error.__cause__ or error.__context__
    return None
