"""Entry point of the `jaso` command: dispatch, error messages, exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import partial

from jaso_core.console import Lines, close_bars, result, say
from jaso_core.errors import ExitCode, RequestError, did_you_mean
from jaso_core.language import language, use_language
from jaso_core.language.setting import VARIABLE
from jaso_core.parallel.distributed import exit_process
from jaso_pipeline.cli.commands import INSPECT_COMMANDS, MAINTENANCE_COMMANDS, VERBS, Verb, run_stage
from jaso_pipeline.cli.report_error import report_error
from jaso_pipeline.cli.streams import check_surroundings, open_closed_streams, use_utf8

_LANGUAGE = "lang="


def main(arguments: list[str] | None = None) -> None:
    """Run `jaso`. Exit codes: 0 done, 1 the work failed, 2 the request was wrong."""
    # Importing torch and transformers makes millions of objects that stay: looked through for garbage after every 700,
    # they take a sixth more time.
    gc.set_threshold(10_000)
    open_closed_streams()
    use_utf8()
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
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


def dispatch(arguments: list[str]) -> None:
    """Run one command line. RequestError when the verb is unknown."""
    check_surroundings(arguments)
    arguments = _take_language(arguments)
    from jaso_pipeline.cli.help import overview, verb_help
    from jaso_pipeline.inspect import list_show_status as look

    if not arguments or arguments[0] in ("-h", "--help", "help"):
        result(Lines(overview()))
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
            result(Lines(verb_help(VERBS[verb])))
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


def _take_language(arguments: list[str]) -> list[str]:
    """Set the language by lang=, and return the other arguments."""
    for argument in arguments:
        if argument.startswith(_LANGUAGE):
            try:
                use_language(argument.removeprefix(_LANGUAGE))
            except ValueError as error:
                raise RequestError(str(error), "give lang=en or lang=ko") from None
    try:
        language()
    except ValueError as error:
        os.environ.pop(VARIABLE)
        raise RequestError(f"environment variable {VARIABLE}: {error}", "set it to en or ko") from None
    return [argument for argument in arguments if not argument.startswith(_LANGUAGE)]


def run_verb(verb: Verb, arguments: list[str]) -> None:
    """Compose the configuration, run the stage, print the path of its result."""
    from jaso_pipeline.cli.hydra_app import run_with_hydra

    run_with_hydra(verb.name, arguments, partial(run_stage, verb.name))
