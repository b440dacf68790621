"""A real Docker engine of the tests' own, and the one base image that everything in it stands on.

Nothing can be pulled where the tests run, so the base image is made from Debian's packages. The engine keeps its images
in a folder of its own from one test run to the next, so that only the first one builds everything.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from filelock import FileLock

FOLDER = Path(tempfile.gettempdir()) / "ttv-docker"
DOCKER = "/usr/bin/docker"  # Debian's, which builds with BuildKit by itself; another may be first in the path.
SUITE = "bookworm"
BASE = f"ttv-test-base:{SUITE}"
BASE_PACKAGES = "python3,python3-venv,ca-certificates"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

HOOK = "nvidia-container-runtime-hook"
"""With a program of this name in its path, the engine takes requests for NVIDIA GPUs. There is none here: the
containers get the request, and no GPU."""


class Engine:
    """`dockerd` on a socket of its own."""

    def __init__(self) -> None:
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        self._lock = FileLock(FOLDER / "lock")
        self._lock.acquire(timeout=600)
        self.socket = FOLDER / "docker.sock"
        self.host = f"unix://{self.socket}"
        hooks = FOLDER / "bin"
        hooks.mkdir(exist_ok=True)
        (hooks / HOOK).write_text("#!/bin/sh\nexit 0\n")
        (hooks / HOOK).chmod(0o755)
        (FOLDER / "daemon.json").write_text("{}")
        (FOLDER / "dockerd.pid").unlink(missing_ok=True)
        self._log = (FOLDER / "dockerd.log").open("w")
        self._process = subprocess.Popen(
            [
                "/usr/sbin/dockerd",
                f"--config-file={FOLDER}/daemon.json",
                f"--data-root={FOLDER}/data",
                f"--exec-root={FOLDER}/exec",
                f"--pidfile={FOLDER}/dockerd.pid",
                f"--host={self.host}",
                "--bip=172.29.0.1/16",
                "--default-address-pool=base=172.28.0.0/16,size=24",
            ],
            env={**os.environ, "PATH": f"{hooks}:/usr/sbin:/sbin:{os.environ['PATH']}"},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait()
        self._clear()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while subprocess.run([DOCKER, "-H", self.host, "info"], capture_output=True, check=False).returncode:
            assert self._process.poll() is None, (FOLDER / "dockerd.log").read_text()
            assert time.monotonic() < deadline, "dockerd does not answer"
            time.sleep(0.2)

    def _clear(self) -> None:
        """Remove what an earlier test run left behind: all but images."""
        if left := self.docker("ps", "-aq").split():
            self.docker("rm", "-fv", *left)
        self.docker("network", "prune", "-f")
        self.docker("image", "prune", "-f")
        if left := self.docker("volume", "ls", "-q").split():
            self.docker("volume", "rm", "-f", *left)

    @property
    def env(self) -> dict[str, str]:
        """What makes a Docker client talk to this engine."""
        return {"DOCKER_HOST": self.host, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}

    def docker(self, *arguments: str | Path, input: bytes | None = None, timeout: float = 900) -> str:
        """Run the `docker` command; what it printed."""
        done = subprocess.run(
            [DOCKER, *map(str, arguments)],
            env={**os.environ, **self.env},
            capture_output=True,
            input=input,
            timeout=timeout,
            check=False,
        )
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        assert done.returncode == 0, f"docker {arguments[0]}: {done.returncode}\n{out[-3000:]}\n{err[-6000:]}"
        return out + err if arguments[0] == "build" else out

    def container(self, label: str) -> dict[str, Any] | None:
        """The container with a label as the engine tells of it; None where there is none."""
        found = self.docker("ps", "--all", "--quiet", "--filter", f"label={label}").split()
        if not found:
            return None
        try:
            inspected: dict[str, Any] = json.loads(self.docker("inspect", found[0]))[0]
        except AssertionError as error:
            if "No such object" in str(error):
                return None  # It was removed meanwhile.
            raise
        return inspected

    def _debootstrap(self, tarball: str, root: Path) -> None:
        options = ["--variant=minbase", f"--include={BASE_PACKAGES}", tarball]
        done = subprocess.run(["debootstrap", *options, SUITE, root], capture_output=True, timeout=900, check=False)
        assert done.returncode == 0, done.stdout.decode()[-3000:]

    def base_image(self) -> str:
        """The image that stands for every base image, made where it is not there yet."""
        if self.docker("images", "-q", BASE).strip():
            return BASE
        root = FOLDER / "root"
        shutil.rmtree(root, ignore_errors=True)
        kept = FOLDER / f"{SUITE}-packages.tar"
        if not kept.exists():
            self._debootstrap(f"--make-tarball={kept}", root)
            shutil.rmtree(root, ignore_errors=True)
        self._debootstrap(f"--unpack-tarball={kept}", root)
        # The certificates of this machine: the packages may come through a proxy that has its own.
        shutil.copyfile(BUNDLE, root / BUNDLE[1:])
        # From where debootstrap took it, with contrib, which has nvtop.
        sources = root / "etc/apt/sources.list"
        sources.write_text(sources.read_text().replace(" main", " main contrib"))
        archive = FOLDER / "base.tar"
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
        self.docker("import", f"--change=ENV SSL_CERT_FILE={BUNDLE} PIP_CERT={BUNDLE}", archive, BASE)
        archive.unlink()
        shutil.rmtree(root)
        return BASE

    def stop(self) -> None:
        """Remove every container, and end the engine."""
        try:
            self._clear()
        finally:
            self._process.terminate()
            self._process.wait(60)
            self._log.close()
            self._lock.release()
