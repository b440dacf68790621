"""What sensors do about weights: a set waits for the pull of what it lacks, and no other set waits with it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from PIL import Image

from tests.automation.installation import Installation
from tests.automation.production import Production
from tests.cli.sets import write_set
from tests.weights.studio import PullStudio
from ttv_dagster.automation import admission, retries
from ttv_dagster.automation.clock import DAY_TAG
from ttv_dagster.automation.inbox import images as images_module
from ttv_dagster.automation.inbox import prompt_files as inbox_module
from ttv_dagster.automation.inbox.folder import WatchedFolder
from ttv_dagster.definitions import make_definitions
from ttv_dagster.library.library import Library
from ttv_dagster.runs.home import open_instance, prepare_home
from ttv_dagster.settings import Settings
from ttv_dagster.shots.shot import PromptSet
from ttv_dagster.weights.model import Model


class Night(Installation):
    """An installation that renders by itself, and the models of its studio."""

    def __init__(self, studio: PullStudio, instance: dg.DagsterInstance, **more: Any) -> None:
        inbox = studio.folder / "inbox"
        inbox.mkdir()
        settings = Settings(
            home=studio.folder / "home",
            engine="noise",
            models_file=studio.models_file,
            inbox_url=str(inbox),
            nightly_at="02:30",
            **more,
        )
        super().__init__(studio.folder, instance, settings)
        self.inbox = inbox

    def drop(self, name: str, model: Model | None = None) -> None:
        """Drop a set of one shot into the inbox, and look until it is in the library."""
        shot = {"id": "a", "prompt": name, **({"engine": "modelled", "model": model.id} if model else {})}
        write_set(self.inbox / f"{name}.yaml", shot)
        while name not in self.library.names():
            self.tick("inbox")
        self.instance.add_dynamic_partitions("prompt_sets", [name])

    def asks(self, sensor: str = "inbox") -> list[tuple[str, str]]:
        """One tick: the job and the partition of each run that it asks for."""
        return [(request.job_name or "", request.partition_key or "") for request in self.tick(sensor)]

    def do(self, sensor: str = "inbox") -> list[tuple[str, str, bool]]:
        """One tick, and the runs that it asks for, to their end: job, partition, and success."""
        done = []
        for request in self.tick(sensor):
            job, partition = request.job_name or "", request.partition_key or ""
            tags = {**request.tags, "dagster/partition": partition, "dagster/run_key": request.run_key or ""}
            done.append((job, partition, self.run(job, tags).success))
        return done

    def said(self, name: str) -> str | None:
        """What lies beside a dropped file."""
        file = self.inbox / WatchedFolder.errors_of(f"{name}.yaml")
        return file.read_text() if file.exists() else None


Start = Callable[..., Night]


@pytest.fixture
def start(studio: PullStudio, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the installation; its definitions know the models that the studio has then."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", studio.server.url)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(studio.hub.cache))
    monkeypatch.setattr(inbox_module, "SETTLE_SECONDS", 0.0)
    prepare_home(Settings(home=home))
    with open_instance(Settings(home=home)) as instance:
        yield lambda **more: Night(studio, instance, **more)


def test_a_set_waits_for_the_pull_of_what_it_lacks_and_is_rendered_then(studio: PullStudio, start: Start) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("story", model)
    night.drop("tale", model)
    assert night.do() == [("pull_weights", model.id, True)], "one pull for two sets"
    asked = len(studio.server.requests)
    assert sorted(night.do()) == [("render_film", "story", True), ("render_film", "tale", True)]
    assert night.do() == []
    assert night.films == {"story", "tale"}
    assert len(studio.server.requests) == asked, "nothing is asked of the hub when all is there"


def test_a_set_that_needs_no_model_waits_for_nothing(studio: PullStudio, start: Start) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("lacking", model)
    night.drop("plain")
    assert sorted(night.asks()) == [("pull_weights", model.id), ("render_film", "plain")]


def test_a_pull_that_is_under_way_is_waited_for(studio: PullStudio, start: Start) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("story", model)
    tags = {"dagster/partition": model.id}
    night.instance.add_run(dg.DagsterRun(job_name="pull_weights", status=dg.DagsterRunStatus.STARTED, tags=tags))
    assert night.asks() == []
    assert night.said("story") is None


def test_a_pull_that_may_not_be_is_told_once_beside_the_file_and_blocks_no_other(
    studio: PullStudio, start: Start, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    night.drop("story", model)
    night.drop("plain")
    assert night.do() == [("render_film", "plain", True)]
    assert night.do() == []
    offline = f"{model.id}: not on this machine, and offline mode is on (HF_HUB_OFFLINE)"
    assert (night.said("story") or "").startswith(f"story.yaml: accepted, but not rendered yet: {offline}\n")
    night.do()
    assert capfd.readouterr().err.count(offline) == 1
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    assert night.do() == [("pull_weights", model.id, True)]
    assert night.do() == [("render_film", "story", True)]
    night.tick("inbox")
    assert night.said("story") is None


def test_a_gated_model_without_a_token_names_its_page(studio: PullStudio, start: Start) -> None:
    model = studio.model("one", engines=["modelled"], gated=True)
    night = start()
    night.drop("story", model)
    night.tick("inbox")
    night.tick("inbox")
    assert f"{model.id} is gated: accept its license at {studio.hub.page(model.id)}" in (night.said("story") or "")


def test_a_failed_pull_is_asked_for_again_after_a_pause_and_not_at_every_look(
    studio: PullStudio, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("story", model)
    studio.server.faults.status[model.id] = (404, {"X-Error-Code": "RepoNotFound"})
    (first,) = night.tick("inbox")
    assert night.do() == [("pull_weights", model.id, False)]
    assert [night.do() for _ in range(3)] == [[], [], []]
    assert f"the weights of {model.id} were not pulled" in (night.said("story") or "")
    assert night.asks("retry") == []
    studio.server.faults.status.clear()
    monkeypatch.setattr(admission, "PAUSE_SECONDS", 0.0)
    (second,) = night.tick("inbox")
    assert first.run_key != second.run_key
    assert night.do() == [("pull_weights", model.id, True)]
    assert night.do() == [("render_film", "story", True)]


def test_what_waits_is_not_forgotten_by_a_daemon_that_is_started_again(studio: PullStudio, start: Start) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("story", model)
    assert night.asks() == [("pull_weights", model.id)]
    night.definitions = make_definitions(night.settings)
    assert night.do() == [("pull_weights", model.id, True)]
    assert night.do() == [("render_film", "story", True)]


def test_the_nightly_pulls_first_too_and_renders_past_what_is_held(
    studio: PullStudio, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttv_dagster.automation.worklist_sensor.MAX_QUEUED", 2)
    gated = studio.model("gated", engines=["modelled"], gated=True)
    model = studio.model("one", engines=["modelled"])
    night = start()
    for name in ("a1", "a2", "a3"):
        night.add(name, {"id": "a", "prompt": name, "engine": "modelled", "model": gated.id})
    night.add("b", {"id": "a", "prompt": "b", "engine": "modelled", "model": model.id})
    for name in ("c1", "c2", "c3"):
        night.add(name)
    assert night.run("nightly", {DAY_TAG: "2026-11-25"}).success
    done = [each for _ in range(4) for each in night.do("nightly_runs")]
    assert ("pull_weights", model.id, True) in done
    assert sorted(each for each in done if each[0] == "render_film") == [
        ("render_film", name, True) for name in ("b", "c1", "c2", "c3")
    ]
    assert night.do("nightly_runs") == []


def test_dropped_images_wait_for_their_model_too(
    studio: PullStudio, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_module, "SETTLE_SECONDS", 0.0)
    model = studio.model("one", engines=["modelled"], tasks=["T2V", "I2V"])
    images, template = studio.folder / "images", studio.folder / "template.yaml"
    images.mkdir()
    template.write_text(yaml.safe_dump({"defaults": {"engine": "modelled", "model": model.id}}))
    night = start(image_inbox_url=str(images), image_inbox_template=template)
    Image.new("RGB", (64, 64), (20, 90, 160)).save(images / "boat.png")
    assert night.do("image_inbox") == []
    assert night.do("image_inbox") == [("pull_weights", model.id, True)]
    ((job, name),) = night.asks("image_inbox")
    assert (job, name) == ("render_film", *night.library.names())


def test_a_run_whose_weights_went_away_is_tried_again_when_they_are_back(
    studio: PullStudio, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(admission, "PAUSE_SECONDS", 0.0)
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("story", model)
    night.do()
    (request,) = night.tick("inbox")
    studio.file(model).unlink()
    tags = {**request.tags, "dagster/partition": "story", "dagster/run_key": request.run_key or ""}
    assert not night.run("render_film", tags).success
    assert night.do("retry") == [("pull_weights", model.id, True)]
    assert night.do("retry") == [("render_film", "story", True)]
    assert night.do("retry") == []


def test_a_pull_that_somebody_canceled_is_not_asked_for_at_once(studio: PullStudio, start: Start) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("story", model)
    tags = {"dagster/partition": model.id}
    night.instance.add_run(dg.DagsterRun(job_name="pull_weights", status=dg.DagsterRunStatus.CANCELED, tags=tags))
    assert night.asks() == night.asks() == []
    assert f"at once by `ttv weights pull {model.id}`" in (night.said("story") or "")
    studio.pull(model)
    assert night.asks() == [("render_film", "story")]


def test_clips_that_are_there_need_no_weights(studio: PullStudio, start: Start) -> None:
    model = studio.model("one", engines=["modelled"])
    night = start()
    night.drop("story", model)
    night.do()
    night.do()
    studio.file(model).unlink()
    shot = {"id": "b", "prompt": "story", "engine": "modelled", "model": model.id}
    night.add("same", shot)
    night.run("nightly", {DAY_TAG: "2026-11-25"})
    assert night.do("nightly_runs") == [("render_film", "same", True)]


def test_a_thousand_sets_that_wait_are_planned_once(
    studio: PullStudio, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = studio.model("one", engines=["modelled"], gated=True)
    night = start()
    night.drop("story", model)
    first = admission.AdmissionControl(night.settings, "pull_weights")
    requests = [dg.RunRequest(run_key=str(number), partition_key="story") for number in range(1000)]
    reads: list[str] = []

    real = Library.read

    def read(library: Library, name: str) -> PromptSet:
        reads.append(name)
        return real(library, name)

    monkeypatch.setattr(Library, "read", read)

    class Log:
        def warning(self, msg: str) -> None:
            return

    admissions = [first.admit(requests, maximum=1000, instance=night.instance, log=Log())]
    while admissions[-1].later:
        admissions.append(first.admit(requests, maximum=1000, instance=night.instance, log=Log()))
    assert len(reads) == len(admissions[-1].blocked) == 1000


def test_a_file_dropped_into_a_studio_that_runs_by_itself_brings_its_weights_and_then_its_film(
    studio: PullStudio,
) -> None:
    model = studio.model("one", engines=["modelled"])
    running = Production(
        studio.folder,
        **{name: studio.env[name] for name in ("HF_HOME", "HF_ENDPOINT", "HF_TOKEN_PATH")},
        TTV_MODELS_FILE=str(studio.models_file),
    )
    try:
        write_set(
            running.inbox / "story.yaml", {"id": "a", "prompt": "a harbour", "engine": "modelled", "model": model.id}
        )
        running.until(lambda: running.has_film_of("story", "a harbour") and running.quiet(), seconds=120)
        runs = [
            (run.job_name, run.tags["dagster/partition"], run.tags["ttv/origin"]) for run in reversed(running.runs())
        ]
        assert runs == [("pull_weights", model.id, "weights"), ("render_film", "story", "inbox")]
    finally:
        running.stop()
