"""What a person sees in Dagster's UI, in headless Chromium. SCREENSHOTS=docs/images keeps the images."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support import ttv
from tests.ui.service import Service

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "examples" / "lighthouse.yaml"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
WAIT = 30_000
VIDEO = "/locations/__repository__@ttv_dagster/asset-groups/video/lineage"
"""The graph from prompt to film."""

Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def rendered(service: Service) -> Service:
    """The service, with the example set rendered."""
    done = ttv("render", EXAMPLE, cwd=service.folder, timeout=300)
    assert done.returncode == 0, done.stderr
    return service


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser.new_page(viewport={"width": 1440, "height": 900})
        browser.close()


@pytest.fixture
def show(browser_page: Page, rendered: Service) -> Open:
    """Opens a page of the UI."""

    def open_page(path: str) -> Page:
        browser_page.goto(rendered.url + path)
        return browser_page

    return open_page


def keep(page: Page, name: str) -> None:
    """Keep an image of the page, where one is wanted."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(folder) / f"{name}.png")


def open_image(page: Page, row: str) -> int:
    """Open the image of a metadata row; its width as the browser decoded it."""
    line = page.locator("tr", has=page.get_by_text(row, exact=True))
    line.get_by_text("[Show Markdown]").click(timeout=WAIT)
    image = page.locator("img[src^='data:image/webp']")
    expect(image).to_be_visible(timeout=WAIT)
    width: int = image.evaluate("image => image.decode().then(() => image.naturalWidth)")
    return width


def test_the_graph_shows_the_way_from_prompt_to_film(show: Open) -> None:
    page = show(VIDEO)
    for asset in ("prompt_sets", "keyframes", "clips", "films"):
        expect(page.get_by_text(asset, exact=True).first).to_be_visible(timeout=WAIT)
    keep(page, "lineage")


def test_every_known_model_is_a_partition_of_the_weights(show: Open) -> None:
    page = show("/assets/model_weights?view=partitions&partition=FastVideo%2FFastWan2.2-TI2V-5B-Diffusers")
    for model in ("FastVideo/FastWan2.2-TI2V-5B-Diffusers", "segmind/SSD-1B"):
        expect(page.get_by_text(model, exact=True).filter(visible=True).first).to_be_visible(timeout=WAIT)
    keep(page, "model_weights")


def test_the_shots_of_a_set_are_a_table(show: Open) -> None:
    page = show("/assets/prompt_sets?view=partitions&partition=lighthouse")
    expect(page.get_by_text("coast").first).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("832x480").first).to_be_visible(timeout=WAIT)
    keep(page, "prompt_sets")


def test_the_keyframes_are_a_contact_sheet(show: Open) -> None:
    page = show("/assets/keyframes?view=partitions&partition=lighthouse")
    assert open_image(page, "contact sheet") > 300
    keep(page, "keyframes")


def test_the_clips_have_a_moving_preview_and_a_table(show: Open) -> None:
    page = show("/assets/clips?view=partitions&partition=lighthouse")
    expect(page.get_by_text("rendered").first).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("kitchen").first).to_be_visible(timeout=WAIT)
    keep(page, "clips")
    assert open_image(page, "preview") > 100


def test_the_film_has_a_preview_and_its_path(show: Open) -> None:
    page = show("/assets/films?view=partitions&partition=lighthouse")
    expect(page.get_by_text("lighthouse.").first).to_be_visible(timeout=WAIT)
    assert open_image(page, "preview") > 100
    keep(page, "films")


def test_the_checks_say_that_all_is_well(show: Open) -> None:
    page = show("/assets/clips?view=checks")
    for check in ("complete", "decodes", "matches_request", "not_blank"):
        expect(page.get_by_text(check, exact=True).first).to_be_visible(timeout=WAIT)
    keep(page, "checks")


def test_progress_lands_in_the_log_of_the_run(show: Open, rendered: Service) -> None:
    run = next(run for run in rendered.runs() if {"key": "dagster/partition", "value": "lighthouse"} in run["tags"])
    page = show(f"/runs/{run['runId']}")
    expect(page.get_by_text("rendered in").first).to_be_visible(timeout=WAIT)
    keep(page, "run")


def test_a_set_is_rendered_at_a_click(show: Open, rendered: Service) -> None:
    rendered.add("clicked", {"id": "a"})
    page = show(VIDEO)
    page.get_by_text("Materialize all").click(timeout=WAIT)
    dialog = page.locator("[role=dialog]")
    expect(dialog).to_be_visible(timeout=WAIT)
    dialog.get_by_text("Select a partition").click(timeout=WAIT)
    page.get_by_text("clicked", exact=True).filter(visible=True).first.click(timeout=WAIT)
    dialog.get_by_text("Partition selection").click()
    keep(page, "materialize")
    dialog.get_by_role("button", name="Launch 1 run").click(timeout=WAIT)
    for _ in range(240):
        if run := rendered.run_of("clicked"):
            break
        page.wait_for_timeout(500)
    assert run is not None
    rendered.wait_for(run["runId"], "SUCCESS")
    assert rendered.clips("clicked") == {"a": "rendered"}
