"""Every snippet in the README and the docs is run, or says why it cannot be run here and is parsed.

The kind of a snippet is the language of its fence:

- ``sh`` is run in a folder of its own, with the files that the page shows. Below ``<!-- not run: REASON -->`` it is
  only parsed, and what it gives to `ttv` and to `make` must exist.
- ``console`` is a command and what it prints, which is compared.
- ``yaml`` whose first line is ``# NAME`` is a prompt set, and ``# NAME, for TTV_SETTING`` what that setting names.
- ``toml`` is parsed, ``text`` is not looked at.
"""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from PIL import Image

from ttv_dagster.automation.inbox.images import read_template
from ttv_dagster.automation.series.file import read_series
from ttv_dagster.cli.app import app
from ttv_dagster.weights.catalog import read_catalog

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md")),
    ROOT / "benchmarks" / "gpu" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
FENCE = re.compile(
    r"(?:<!-- not run: (?P<reason>.+?) -->\n+)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
READERS = {"TTV_IMAGE_INBOX_TEMPLATE": read_template, "TTV_SERIES_FILE": read_series, "TTV_MODELS_FILE": read_catalog}
VENV = Path(sys.executable).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()


@dataclass(frozen=True)
class Snippet:
    """A fenced block of a page."""

    page: Path
    line: int
    kind: str
    text: str
    reason: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def file(self) -> tuple[str, str] | None:
        """The name of the file that it shows, and the setting that names such a file or nothing."""
        head = re.match(r"# ([\w.-]+\.\w+)(?:, for (TTV_\w+))?\n", self.text)
        return (head[1], head[2] or "") if head else None


def snippets(page: Path) -> list[Snippet]:
    """The fenced blocks of a page."""
    text = page.read_text()
    return [
        Snippet(page, text.count("\n", 0, found.start("kind")) + 1, found["kind"], found["text"], found["reason"])
        for found in FENCE.finditer(text)
    ]


ALL = [snippet for page in PAGES for snippet in snippets(page)]


def of(*kinds: str, run: bool | None = None) -> pytest.MarkDecorator:
    """Parametrize a test over the snippets of some kinds; `run` chooses those that are run or those that are not."""
    chosen = [each for each in ALL if each.kind in kinds and (run is None or run is (each.reason is None))]
    return pytest.mark.parametrize("snippet", chosen, ids=str)


@pytest.fixture
def folder(tmp_path: Path, snippet: Snippet) -> Path:
    """A folder with the files that the page shows, and an image of every name in them."""
    for each in snippets(snippet.page):
        if each.file:
            (tmp_path / each.file[0]).write_text(each.text)
    for name in set(re.findall(r"image: ([\w-]+\.jpg)", snippet.page.read_text())):
        Image.effect_mandelbrot((832, 480), (-2, -1.2, 1, 1.2), 40).convert("RGB").save(tmp_path / name)
    (tmp_path / ".venv").symlink_to(VENV)
    return tmp_path


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a reader of the page does, in an environment without anything of this user's."""
    env = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    env |= {"PATH": f"{VENV / 'bin'}:{env['PATH']}", "HOME": str(folder), "OMP_NUM_THREADS": "1", "COLUMNS": "400"}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def commands(script: str) -> list[list[str]]:
    """The simple commands of a script, without the settings before them."""
    found: list[list[str]] = []
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set("|&;"):
                found.append(words)
                words = []
            elif words or not re.match(r"\w+=", word):
                words.append(word)
    return [words for words in found if words]


def check_ttv(arguments: list[str]) -> None:
    """Parse a `ttv` command line without running it.

    Raises:
        Exception: It has a command or an option that does not exist, as `ttv` itself would say.
    """
    command = typer.main.get_command(app)
    arguments = list(arguments)
    while subcommands := getattr(command, "commands", None):
        command = subcommands[arguments.pop(0)]
    command.make_context("ttv", arguments)


def test_every_fence_has_a_kind_that_is_tested() -> None:
    assert [str(each) for each in ALL if each.kind not in ("sh", "console", "yaml", "toml", "text")] == []


def test_no_page_hides_a_fence_from_the_tests() -> None:
    for page in PAGES:
        assert len(re.findall(r"^\s*```", page.read_text(), re.MULTILINE)) == 2 * len(snippets(page)), page


@of("sh", run=True)
def test_a_shell_snippet_runs(snippet: Snippet, folder: Path) -> None:
    done = run(snippet.text, folder)
    assert done.returncode == 0, done.stdout


@of("sh", run=False)
def test_a_shell_snippet_that_cannot_run_here_names_what_exists(snippet: Snippet) -> None:
    subprocess.run(["bash", "-n"], input=snippet.text, text=True, check=True)
    for words in commands(snippet.text):
        database = {"pg_dump", "pg_restore"} & set(words)  # which is called ttv too
        if "ttv" in words and not database:
            check_ttv(words[words.index("ttv") + 1 :])
        if words[0] == "make":
            for target in (word for word in words[1:] if "=" not in word):
                assert re.search(rf"^{re.escape(target)}:", MAKEFILE, re.MULTILINE), target
        for script in (word for word in words if word.endswith((".py", ".sh")) and "/" in word):
            assert (ROOT / script).is_file(), script


@of("console")
def test_a_command_prints_what_the_page_says(snippet: Snippet, folder: Path) -> None:
    command, _, expected = snippet.text.removeprefix("$ ").partition("\n")
    assert run(command, folder).stdout == expected


@of("yaml")
def test_a_file_is_read(snippet: Snippet, folder: Path) -> None:
    assert snippet.file, f"{snippet}: its first line says which file it is"
    name, setting = snippet.file
    if setting:
        READERS[setting](folder / name)
    elif f"$ ttv check {name}" not in snippet.page.read_text():  # which shows how it is refused
        done = run(f"ttv check {name}", folder)
        assert done.returncode == 0, done.stdout


@of("toml")
def test_a_toml_snippet_is_toml(snippet: Snippet) -> None:
    tomllib.loads(snippet.text)


def test_the_table_of_commands_names_options_that_exist() -> None:
    rows = re.findall(r"^\| `(ttv [^`]+)` \|", (ROOT / "docs" / "cli.md").read_text(), re.MULTILINE)
    assert len(rows) > 10
    for row in rows:
        command = typer.main.get_command(app)
        for word in re.findall(r"[\w-]+", row.removeprefix("ttv ")):
            command = getattr(command, "commands", {}).get(word) or command
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[\w-]+", row)) <= options, row
