"""What the commands of `ttv` have in common: how they print, and how they end."""

import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from ttv_dagster.configuration.settings_file import SettingsError
from ttv_dagster.settings import Settings
from ttv_dagster.shots.problems import PromptSetError, TtvError

out = Console()
err = Console(stderr=True)

SHOWN_PROBLEMS = 100

DONE, SOME_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


class Refused(Exception):
    """The command ends with an exit code; what there is to say about it has been collected here."""

    def __init__(self, message: str, *, code: int = BAD_INPUT, problems: list[dict[str, str]] | None = None):
        super().__init__(message)
        self.code = code
        self.problems = problems or []


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(document, ensure_ascii=False))


def read_settings() -> Settings:
    """Read the settings of this installation.

    Raises:
        Refused: A setting is wrong.
    """
    from ttv_dagster.configuration.overview import explain

    try:
        with warnings.catch_warnings(record=True) as ignored:
            warnings.simplefilter("always")
            settings = Settings()
    except SettingsError as error:
        raise Refused(str(error)) from error
    except ValidationError as error:
        raise Refused(explain(error)) from None
    for warning in ignored:
        err.print(escape(str(warning.message)), style="yellow", highlight=False, soft_wrap=True)
    return settings


@contextmanager
def reporting(
    as_json: bool = False, *, interrupted: str = "What was rendered stays; the same command goes on from there."
) -> Iterator[None]:
    """Turn what can go wrong into a sentence on stderr (with --json, a document on stdout) and an exit code."""
    try:
        try:
            yield
        except PromptSetError as error:
            problems = [asdict(problem) for problem in error.problems]
            raise Refused(str(error), code=error.exit_code, problems=problems) from error
        except TtvError as error:
            raise Refused(str(error), code=error.exit_code) from error
        except (typer.Exit, Refused):
            raise
        except Exception as error:
            if "TTV_DEBUG" in os.environ:
                raise
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise Refused(f"{said[:2000]} (TTV_DEBUG=1 shows where)", code=SOME_FAILED) from error
    except Refused as refused:
        if as_json:
            print_json({"error": str(refused), "problems": refused.problems})
        else:
            lines = str(refused).splitlines()
            for line in lines[:SHOWN_PROBLEMS]:
                err.print(escape(line), style="red", highlight=False, soft_wrap=True)
            if len(lines) > SHOWN_PROBLEMS:
                err.print(f"and {len(lines) - SHOWN_PROBLEMS} more", style="red")
        raise typer.Exit(refused.code) from None
    except KeyboardInterrupt:
        err.print(f"Interrupted. {interrupted}")
        if as_json:
            print_json({"error": "interrupted", "problems": []})
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def results_alone_on_stdout() -> Iterator[None]:
    """Send what engines, their workers and their libraries print to stderr: stdout is for the result."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
