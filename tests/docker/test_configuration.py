"""The files of the deployment agree with each other."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from tests.docker.stack import ROOT, compose
from ttv_dagster.settings import Settings

KNOBS = re.compile(r"\$\{([A-Z_]+)")
OTHERS = {
    "COMPOSE_PROJECT_NAME": "Compose sets it",
    "TTV_SOURCE": "`make dev` sets it",
    "TTV_DOCKER_SOCKET": "the place of Docker's socket, for an engine that has it elsewhere",
}


def knobs(*files: str) -> set[str]:
    return {name for file in files for name in KNOBS.findall((ROOT / file).read_text())}


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_has_every_knob_and_none_that_nobody_reads() -> None:
    used = knobs("docker-compose.yml", "docker-compose.dev.yml") - set(OTHERS)
    assert set(example()) - {"COMPOSE_PROFILES"} == used


def test_the_defaults_of_the_example_are_those_of_the_compose_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    defaults = dict(re.findall(r"\$\{([A-Z_]+):?-([^}]*)\}", text))
    assert defaults.items() - example().items() == {("TTV_DOCKER_SOCKET", "/var/run/docker.sock")}


def test_what_the_instance_reads_from_the_environment_is_set_by_the_compose_file() -> None:
    text = re.sub(r"#.*", "", (ROOT / "deploy" / "dagster.yaml").read_text())
    wanted = set(re.findall(r"env: ([A-Z_]+)", text)) | set(re.findall(r"^ +- ([A-Z_]+)$", text, re.MULTILINE))
    set_for_all = set(re.findall(r"^  ([A-Z_]+): ", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE))
    assert wanted - set_for_all == {"TTV_ACCELERATOR"}


def test_every_setting_of_an_installation_reaches_the_services_and_the_render_containers() -> None:
    fields = Settings.model_fields.items()
    options = {
        name: field.annotation.model_fields
        for name, field in fields
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    settings = {f"TTV_{name}".upper() for name, _ in fields if name not in options}
    settings |= {f"TTV_{name}_{option}".upper() for name, found in options.items() for option in found}
    for file in ("docker-compose.yml", "deploy/dagster.yaml"):
        assert settings - set(re.findall(r"TTV_[A-Z_]+", (ROOT / file).read_text())) == {"TTV_HOME"}, file


def test_prometheus_and_grafana_ask_services_of_the_stack() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    monitoring = ROOT / "deploy" / "monitoring"
    (job,) = yaml.safe_load((monitoring / "prometheus.yml").read_text())["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["metrics:9464"]}]
    (source,) = yaml.safe_load((monitoring / "grafana.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert set(services["prometheus"]["networks"]) & set(services["metrics"]["networks"]) == {"back"}
    assert set(services["grafana"]["networks"]) & set(services["prometheus"]["networks"]) == {"monitoring"}
    (provider,) = yaml.safe_load((monitoring / "dashboards.yml").read_text())["providers"]
    mounted = [volume.split(":")[1] for volume in services["grafana"]["volumes"]]
    assert f"{provider['options']['path']}/dashboard.json" in mounted


@pytest.mark.docker
@pytest.mark.parametrize("profile", ["cpu", "gpu"])
@pytest.mark.parametrize("monitoring", [False, True])
@pytest.mark.parametrize("files", ["docker-compose.yml", "docker-compose.yml:docker-compose.dev.yml"])
def test_compose_accepts_its_files(profile: str, monitoring: bool, files: str, tmp_path: Path) -> None:
    profiles = f"{profile},monitoring" if monitoring else profile
    env = {"COMPOSE_PROFILES": profiles, "COMPOSE_FILE": files, "TTV_SOURCE": str(tmp_path)}
    passwords = {"TTV_PASSWORD": "a", "TTV_POSTGRES_PASSWORD": "b"}
    services = compose("config", "--services", env={**env, **passwords}).split()
    assert f"code-{profile}" in services
    assert ("render" in services) == (profile == "gpu")
    assert {"prometheus", "grafana"} & set(services) == ({"prometheus", "grafana"} if monitoring else set())
    assert compose("config", "--quiet", env={**env, **passwords}) == ""
