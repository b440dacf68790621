import logging
import statistics
import time
from pathlib import Path

import pytest

from tests.automation.inbox.test_prompt_files import Dagster
from tests.deployments import NOWHERE
from ttv_dagster.automation.inbox.folder import WatchedFolder
from ttv_dagster.automation.inbox.prompt_files import Inbox
from ttv_dagster.automation.inbox.scanner import SETTLE_SECONDS
from ttv_dagster.library.library import Library


@pytest.mark.soak
def test_a_look_at_fifty_thousand_files_takes_less_than_a_second_of_the_processor(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    for number in range(50_000):
        path = folder / f"client{number % 100}" / f"set{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"a harbour, number {number}\n")
    inbox = Inbox(
        WatchedFolder(str(folder)),
        database=tmp_path / "automation.sqlite",
        library=Library(url=str(tmp_path / "library")),
        deployment=NOWHERE,
        image_roots=[],
        log=logging.getLogger("inbox"),
    )
    dagster = Dagster()
    dagster.runs += inbox.scan(dagster).runs
    time.sleep(SETTLE_SECONDS)
    accepted = 0
    seconds = []
    for _ in range(15):
        started = time.process_time()
        scan = inbox.scan(dagster)
        seconds.append(time.process_time() - started)
        dagster.runs += scan.runs
        accepted += len(scan.accepted)
    print(f"looks: median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s; {accepted} sets taken")
    assert accepted == len(dagster.runs) >= 15
    assert statistics.median(seconds) < 1
