"""The image inbox: images dropped into a folder become the shots of one set a scan."""

import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ttv_dagster.automation.admission import Admission
from ttv_dagster.automation.inbox.folder import GONE, WatchedFolder
from ttv_dagster.automation.inbox.ledger import Ledger, SeenFile, WantedRun
from ttv_dagster.automation.inbox.scanner import (
    NOTHING,
    SETTLE_SECONDS,
    Scan,
    Scanner,
    StartedRuns,
    content_digest,
)
from ttv_dagster.automation.inbox.template import Template, TemplateError
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.library.intake import take_images
from ttv_dagster.library.library import Library
from ttv_dagster.media.images import ImageError, digest, read_image
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.shots.formats.rows import Draft, Row, build
from ttv_dagster.shots.names import slug
from ttv_dagster.shots.problems import Problems, PromptSetError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
SHOTS_PER_SET = 20
LONGEST_CAPTION = 20_000


class ImageTemplate(BaseModel):
    """What an image becomes.

    Attributes:
        prompt: The prompt of its shot, with the gaps ``{caption}`` and ``{name}``.
        caption: The caption of an image that has none.
        defaults: Values for every shot, as in a prompt file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str = "{caption}"
    caption: str = "The scene comes to life; slow push in."
    defaults: dict[str, object] = Field(default_factory=dict)


def read_template(file: Path | None) -> ImageTemplate:
    """Return the template in a YAML file; the default template if there is no file.

    Raises:
        TemplateError: The file cannot be read, or says something that is not understood.
    """
    if file is None:
        return ImageTemplate()
    try:
        template = ImageTemplate.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise TemplateError(f"{file}: {error}") from error
    Template(template.prompt, str(file)).check({"caption", "name"})
    return template


class ImageInbox:
    """A watched folder of images. `photo.txt` is the caption of `photo.jpg`.

    Args:
        folder: The folder.
        template: What an image becomes.
        database: The database of automation, which remembers what was accepted.
        library: The library that the sets go into.
        deployment: What its engines can render.
        log: Called with what became of each image.
    """

    def __init__(
        self,
        folder: WatchedFolder,
        *,
        template: ImageTemplate,
        database: Path,
        library: Library,
        deployment: Deployment,
        log: logging.Logger,
    ) -> None:
        self._folder = folder
        self._template = template
        self._database = database
        self._scanner = Scanner(folder, inbox="images", database=database, log=log)
        self._library = library
        self._deployment = deployment
        self._log = log

    def scan(self, started: StartedRuns, *, day: str, last: Admission = NOTHING) -> Scan:
        """Accept what has arrived, as one set.

        Args:
            started: Asked for each run that Dagster is not known to have.
            day: The date, for the name of the set.
            last: What became of the runs that the scan before asked for.

        Raises:
            InboxBusyError: Another scan is not over.
            FileNotFoundError: The folder is not there.
        """
        with self._scanner.scanning() as ledger:
            scan = Scan()
            arrived = self._arrived(ledger, scan)
            self._accept(arrived, ledger, scan, day)
            self._scanner.ask(ledger, started, last, scan)
            return scan

    def _arrived(self, ledger: Ledger, scan: Scan) -> list[SeenFile]:
        """Write down what changed since the last scan; the images that have settled, the oldest first."""
        now = time.time()
        stamps = self._folder.stamps()
        done, rest = ledger.done(), ledger.rest()
        changed, arrived, present = [], [], set()
        for path, own in stamps.items():
            if PurePosixPath(path).suffix.lower() not in SUFFIXES:
                continue
            present.add(path)
            stamp = f"{own}\n{stamps.get(_caption_of(path), GONE)}"
            if done.get(path) == stamp:
                continue
            seen = ledger.file(path) if path in done else rest.get(path)
            if seen is None or seen.stamp != stamp:
                changed.append(SeenFile(path, stamp, "settling", now, (), seen is not None and seen.reported))
                scan.settling += 1
            elif seen.state == "settling":
                arrived.append(seen)
        gone = (done.keys() | rest.keys()) - present
        self._scanner.remember(changed, gone, ledger)
        settled = sorted((seen for seen in arrived if now - seen.since >= SETTLE_SECONDS), key=lambda seen: seen.since)
        scan.settling += len(arrived) - len(settled[:SHOTS_PER_SET])
        return settled[:SHOTS_PER_SET]

    def _accept(self, arrived: list[SeenFile], ledger: Ledger, scan: Scan, day: str) -> None:
        """Make one set of the images that are new, or whose caption is."""
        found: dict[str, SeenFile] = {}
        contents: dict[str, str] = {}
        rows: list[Row] = []
        images: dict[str, Path] = {}
        for seen in arrived:
            caption = _caption_of(seen.path)
            captions = () if seen.stamp.endswith(f"\n{GONE}") else (caption,)
            with self._folder.local_copy(seen.path, captions) as file:
                try:
                    read_image(file)
                    text = _read_caption(file.with_suffix(".txt")) if captions else self._template.caption
                except FileNotFoundError:
                    continue
                except (ImageError, ValueError) as error:
                    self._scanner.refuse(seen, f"{seen.path}: {error}", ledger, scan)
                    continue
                content = hashlib.sha256(f"{digest(file)}\n{text}".encode()).hexdigest()[:16]
                kept = self._kept(file, content)
            if ledger.content(_memory_of(seen.path)) == content:
                ledger.remember([replace(seen, state="accepted")])
                continue
            name = PurePosixPath(seen.path).stem
            prompt = Template(self._template.prompt, "prompt").fill({"caption": text, "name": name})
            shot = _unused(slug(name) or "image", found)
            rows.append(Row(seen.path, {"id": shot, "prompt": prompt, "image": kept.name}))
            found[shot] = seen
            contents[seen.path] = content
            images[kept.name] = kept
        try:
            if rows:
                self._add(rows, images, found, contents, ledger, scan, day)
        finally:
            for path in images.values():
                path.unlink(missing_ok=True)

    def _kept(self, file: Path, content: str) -> Path:
        """Return a copy that does not change while the set is created, whatever happens in the folder."""
        copy = self._database.with_name(f".{content}{file.suffix.lower()}")
        copy.write_bytes(file.read_bytes())
        return copy

    def _add(
        self,
        rows: list[Row],
        images: Mapping[str, Path],
        found: Mapping[str, SeenFile],
        contents: Mapping[str, str],
        ledger: Ledger,
        scan: Scan,
        day: str,
    ) -> None:
        source = f"{self._folder}"
        # The same images give the same set, if this process dies before it is written down.
        key = hashlib.sha256("\n".join(sorted(contents.values())).encode()).hexdigest()[:10]
        draft = Draft(f"images-{day}-{key}", rows, Row("", self._template.defaults))
        try:
            prompt_set = build(draft, lambda name: str(images[name]), Problems(source))
            intake = take_images(prompt_set, source)
            plan_set(intake.prompt_set, file=source, deployment=self._deployment)
        except PromptSetError as error:
            named = [problem for problem in error.problems if problem.shot in found]
            if not named:
                raise
            for problem in named:
                self._scanner.refuse(found[problem.shot], str(problem), ledger, scan)
            return  # The others are accepted at the next scan.
        self._library.add(intake, source, replace=True)
        content = content_digest(intake.prompt_set)
        run_key = f"{prompt_set.name}:{content}:{time.time_ns() // 1_000_000}"
        with ledger.together():
            ledger.want(WantedRun(prompt_set.name, content, source, run_key), started=False)
            for seen in found.values():
                memory = WantedRun(_memory_of(seen.path), contents[seen.path], source, run_key)
                ledger.want(memory, started=True)
            ledger.remember([replace(seen, state="accepted", reported=False) for seen in found.values()])
        for seen in found.values():
            if seen.reported:
                self._folder.clear_errors(seen.path)
        scan.accepted += [seen.path for seen in found.values()]
        self._log.info("%d images: accepted as the prompt set %s", len(found), prompt_set.name)


def _caption_of(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(".txt"))


def _read_caption(file: Path) -> str:
    text = file.read_bytes()[: LONGEST_CAPTION + 1].decode("utf-8-sig", errors="strict")
    if len(text) > LONGEST_CAPTION:
        raise ValueError(f"its caption has more than {LONGEST_CAPTION:,} characters")
    if not text.strip():
        raise ValueError("its caption is empty; write one, or delete the file")
    return " ".join(text.split())


def _memory_of(path: str) -> str:
    """Return the key of an image's content in the ledger: no set can have such a name."""
    return f"image {path}"


def _unused(name: str, used: Mapping[str, object]) -> str:
    number, unused = 2, name
    while unused in used:
        unused, number = f"{name}-{number}", number + 1
    return unused
