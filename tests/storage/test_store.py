import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.support import on_small_disk
from ttv_dagster.storage.layout import clip_name, clip_sizes, film_name, read_record, record_name, write_record
from ttv_dagster.storage.store import STALE_SECONDS, Store

KEY = "ab" * 32


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The URL of a bucket on a real S3 server of this process."""
    import s3fs

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    fakes = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in fakes}
    os.environ.update(fakes)
    s3fs.S3FileSystem().mkdir("studio")
    yield "s3://studio"
    server.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store(tmp_path / "media")
    bucket: str = request.getfixturevalue("bucket")
    return Store(f"{bucket}/{tmp_path.name}")


def names(store: Store) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*") if path.is_file())


def test_what_is_published_is_read_back(store: Store) -> None:
    store.write(clip_name(KEY), b"frames")
    assert store.read(clip_name(KEY)) == b"frames"
    assert store.size(clip_name(KEY)) == 6
    assert clip_sizes(store) == {KEY: 6}
    with store.local_copy(clip_name(KEY)) as path:
        assert path.read_bytes() == b"frames"
    assert names(store) == [f"{KEY}.mp4"]


def test_a_store_that_was_never_written_is_empty(store: Store) -> None:
    assert store.size(clip_name(KEY)) is None
    assert clip_sizes(store) == {}
    assert read_record(store, KEY) is None
    with pytest.raises(FileNotFoundError), store.local_copy(clip_name(KEY)):
        pass


def test_a_listing_counts_clips_and_not_their_records(store: Store) -> None:
    store.write(clip_name(KEY), b"frames")
    write_record(store, KEY, {"bytes": 6})
    assert clip_sizes(store) == {KEY: 6}
    assert read_record(store, KEY) == {"bytes": 6}


def test_what_another_process_published_is_seen_at_once(store: Store) -> None:
    assert store.size(clip_name(KEY)) is None
    assert clip_sizes(store) == {}
    Store(str(store.root)).write(clip_name(KEY), b"frames")
    assert store.size(clip_name(KEY)) == 6
    assert clip_sizes(store) == {KEY: 6}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe"])
def test_a_record_that_cannot_be_read_is_no_record(store: Store, content: bytes) -> None:
    store.write(record_name(KEY), content)
    assert read_record(store, KEY) is None


def test_a_working_file_that_is_not_published_is_deleted(store: Store) -> None:
    with pytest.raises(RuntimeError), store.working_file(".mp4") as path:
        path.write_bytes(b"half a clip")
        raise RuntimeError
    assert not path.exists()
    assert names(store) == []


def test_checking_that_a_store_can_be_written_leaves_nothing(store: Store) -> None:
    store.check_writable()
    assert names(store) == []


def test_a_film_is_named_for_people() -> None:
    assert film_name("milo-and-pip", KEY) == "films/milo-and-pip.abababababababab.mp4"


WRITER = """
import sys
from ttv_dagster.storage.store import Store
store = Store(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    store.write(f"clips/aa/{number % 7}.mp4", bytes([number % 256]) * 200_000)
    number += 1
"""


def test_a_killed_writer_leaves_whole_files_only(tmp_path: Path) -> None:
    root = tmp_path / "media"
    for kill in range(6):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.05 + kill * 0.037)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    published = list((root / "clips" / "aa").iterdir())
    assert published
    for path in published:
        content = path.read_bytes()
        assert content == content[:1] * 200_000


def test_what_dead_processes_left_is_swept_and_what_living_ones_write_is_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "media")
    with store.working_file(".mp4") as fresh:
        fresh.write_bytes(b"being written")
        left = fresh.with_name("left.mp4")
        left.write_bytes(b"half a clip")
        old = time.time() - STALE_SECONDS - 60
        os.utime(left, (old, old))
        assert store.sweep() == 1
        assert fresh.exists()
    assert not left.exists()


FULL = """
import sys
from ttv_dagster.storage.store import Store
store = Store(sys.argv[1])
try:
    store.write("clips/aa/large.mp4", bytes(1_000_000))
except OSError as error:
    print(error)
print(store.size("clips/aa/large.mp4"))
store.write("clips/aa/small.mp4", bytes(1000))
print(store.size("clips/aa/small.mp4"))
"""


def test_a_store_on_a_full_disk_publishes_nothing_and_says_so(tmp_path: Path) -> None:
    command = on_small_disk(tmp_path, 256, [sys.executable, "-c", FULL, str(tmp_path / "media")])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said, large, small = done.stdout.splitlines()
    assert "No space left" in said or "File too large" in said
    assert (large, small) == ("None", "1000")
