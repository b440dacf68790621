"""A real hub over HTTP: `olah` serves local git repositories, and a proxy before it is as bad as the world is."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GIT = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
GATED = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this model is restricted."}
TOKEN = "hf_" + "TheTokenOfTheTests"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def noise(seed: str, size: int) -> bytes:
    """Bytes that are always the same."""
    return hashlib.shake_128(seed.encode()).digest(size)


@dataclass
class Faults:
    """What goes wrong on the way. A path is meant wherever its file's name is at the end of the request's.

    Attributes:
        status: Status and headers that are answered for every request that names a repository.
        cut: Bytes of a file after which the connection breaks, for as many requests as are given.
        flip: Files whose first byte is changed.
        bytes_per_second: How fast files are sent; None: as fast as it goes.
        down: Every connection is closed without an answer.
    """

    status: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    flip: set[str] = field(default_factory=set)
    bytes_per_second: int | None = None
    down: bool = False


class HubServer:
    """The hub of the tests.

    Args:
        folder: Where its repositories and its logs are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.faults = Faults()
        self.requests: list[str] = []
        self.sent: dict[str, int] = {}
        self.tokens: set[str] = set()
        config = folder / "olah.toml"
        config.write_text(
            f'[basic]\nhost = "127.0.0.1"\nport = {self._port}\nrepos-path = "{folder}/served"\n'
            f'mirrors-path = ["{folder}/mirror"]\n[accessibility]\noffline = true\n'
        )
        (folder / "mirror" / "models").mkdir(parents=True)
        self._log = (folder / "olah.log").open("w")
        self._olah = subprocess.Popen(
            [str(Path(sys.executable).parent / "olah-cli"), "-c", str(config), "--log-path", str(folder / "logs")],
            cwd=folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._proxy.daemon_threads = True
        threading.Thread(target=self._proxy.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._proxy.server_address[1]}"

    def wait(self) -> None:
        """Until olah answers."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._olah.poll() is None, (self._folder / "olah.log").read_text()
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError((self._folder / "olah.log").read_text())

    def commit(self, repository: str, files: Mapping[str, bytes], *, large: Mapping[str, bytes] | None = None) -> str:
        """Commit files to a repository, which is made where there is none; the commit.

        Args:
            repository: ``organisation/name``.
            files: Small files, kept by git itself.
            large: Large files, kept by git LFS: the Hub's digest of these is their SHA-256.
        """
        folder = self._folder / "mirror" / "models" / repository
        if not folder.exists():
            subprocess.run([*GIT, "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
        for path, data in {
            **files,
            **{path: self._pointer(folder, data) for path, data in (large or {}).items()},
        }.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        subprocess.run([*GIT, "-C", str(folder), "add", "--all"], check=True)
        subprocess.run([*GIT, "-C", str(folder), "commit", "--quiet", "--message=files"], check=True)
        head = [*GIT, "-C", str(folder), "rev-parse", "HEAD"]
        return subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()

    @staticmethod
    def _pointer(folder: Path, data: bytes) -> bytes:
        digest = hashlib.sha256(data).hexdigest()
        target = folder / ".git" / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(data)}\n".encode()

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """olah's own answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", method=method, headers=dict(headers))
        try:
            with _OPENER.open(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def forget(self) -> None:
        """Everything works again, and nothing was asked yet."""
        self.faults = Faults()
        self.requests.clear()
        self.sent.clear()
        self.tokens.clear()

    def stop(self) -> None:
        self._proxy.shutdown()
        self._proxy.server_close()
        self._olah.terminate()
        self._olah.wait(30)
        self._log.close()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self) -> None:
            hub.requests.append(f"{self.command} {self.path}")
            if "Authorization" in self.headers:
                hub.tokens.add(self.headers["Authorization"])
            if hub.faults.down:
                self.close_connection = True
                return
            for repository, (status, headers) in hub.faults.status.items():
                if f"/{repository}/" in f"{self.path}/":
                    self._send(status, headers, b"{}")
                    return
            # With this proxy's own name, so that redirections lead back here.
            asked = {"Host": self.headers["Host"], "Accept-Encoding": "identity"}
            status, headers, body = hub.ask(self.command, self.path, asked)
            kept = (
                "content-type",
                "location",
                "etag",
                "x-repo-commit",
                "x-error-code",
                "x-error-message",
                "content-length",
            )
            headers = {name: value for name, value in headers.items() if name.lower() in kept}
            if self.command == "GET" and "/resolve/" in self.path and status == 200:
                self._send_file(headers, body)
            else:
                self._send(status, headers, body)

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            length = next((value for name, value in headers.items() if name.lower() == "content-length"), None)
            self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _send_file(self, headers: Mapping[str, str], body: bytes) -> None:
            name = self.path.partition("?")[0].split("/resolve/")[1].partition("/")[2]
            if name in hub.faults.flip:
                body = bytes([body[0] ^ 1]) + body[1:]
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            cuts = hub.faults.cut.get(name)
            end = start + cuts.pop(0) if cuts else len(body)
            for place in range(start, min(end, len(body)), 1 << 15):
                block = body[place : min(place + (1 << 15), end)]
                try:
                    self.wfile.write(block)
                except OSError:
                    break
                hub.sent[name] = hub.sent.get(name, 0) + len(block)
                if hub.faults.bytes_per_second:
                    time.sleep(len(block) / hub.faults.bytes_per_second)
            self.close_connection = self.close_connection or end < len(body)

    return Handler


@contextmanager
def serve(folder: Path) -> Iterator[HubServer]:
    """A hub that runs while the block does."""
    hub = HubServer(folder)
    try:
        hub.wait()
        yield hub
    finally:
        hub.stop()


def hub_environment(hub: HubServer, home: Path, **more: str) -> dict[str, str]:
    """The environment of a process that pulls from the hub into a cache under `home`."""
    ours = {"HF_HOME": str(home / "hf"), "HF_ENDPOINT": hub.url, "HF_TOKEN_PATH": str(home / "no token")}
    return {**os.environ, **ours, **more}
