"""Settings from `ttv.toml`, through the same commands that users run."""

from pathlib import Path

import pytest

from tests.support import ttv, ttv_json
from ttv_dagster.configuration.settings_file import SettingsError
from ttv_dagster.settings import Settings


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the settings of the process are read."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "ttv.toml"
    path.write_text(text)
    return path


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(studio, 'engine = "wan"\nvram_gb = 24\n[fastvideo]\nnum_gpus = 2\noffload = "model"\n')
    monkeypatch.setenv("TTV_ENGINE", "noise")
    monkeypatch.setenv("TTV_FASTVIDEO_OFFLOAD", "none")
    settings = Settings()
    assert (settings.engine, settings.vram_gb, settings.accelerator) == ("noise", 24, "none")
    assert (settings.fastvideo.num_gpus, settings.fastvideo.offload) == (2, "none")


def test_relative_paths_resolve_from_the_file(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(studio, 'media_url = "clips"\ntables_url = "s3://bucket/tables"\nimage_roots = ["photos", "/abs"]\n')
    inside = studio / "work" / "today"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    settings = Settings()
    assert settings.media == str(studio / "clips")
    assert settings.tables == "s3://bucket/tables"
    assert settings.image_roots == [studio / "photos", Path("/abs")]
    assert settings.home == studio / ".ttv", "one installation, wherever in its folder it is asked for"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nengin = 'wan'\n", r"ttv.toml:2: engin: is not a setting; did you mean engine\?"),
        ("xyz = 1", "ttv.toml:1: xyz: is not a setting; `ttv config` lists them all"),
        ("[fastvideo]\nnum_gpu = 1", r"ttv.toml:2: fastvideo.num_gpu: is not a setting; did you mean num_gpus\?"),
        ("alerts_urls = 'slack://x/y'", "ttv.toml:1: alerts_urls: is a secret; set TTV_ALERTS_URLS in the environment"),
        ("fastvideo = 1", "ttv.toml:1: fastvideo: is a table of options"),
    ],
)
def test_a_wrong_key_is_named_with_its_line(studio: Path, text: str, message: str) -> None:
    write(studio, text)
    with pytest.raises(SettingsError, match=message) as caught:
        Settings()
    assert "slack" not in str(caught.value)


def test_a_wrong_value_is_named_where_it_stands(studio: Path) -> None:
    write(studio, "\nvram_gb = -1\n")
    done = ttv("config", cwd=studio, env={"TTV_HOME": "", "TTV_SETTINGS_FILE": str(studio / "ttv.toml")})
    assert done.returncode == 2
    assert "ttv.toml:2: vram_gb: Input should be greater than 0" in done.stderr
    done = ttv("config", cwd=studio, env={"TTV_HOME": "", "TTV_VRAM_GB": "-1"})
    assert "TTV_VRAM_GB: Input should be greater than 0" in done.stderr


def test_budgets_are_a_table_or_a_line_and_name_known_queues(studio: Path) -> None:
    write(studio, "budgets = { nightly = 7200 }\n")
    assert Settings().budgets == {"nightly": 7200}
    write(studio, "budgets = { night = 7200 }\n")
    with pytest.raises(ValueError, match="no queue is called 'night'"):
        Settings()


def test_config_shows_values_sources_and_no_secret(studio: Path) -> None:
    write(studio, 'engine = "noise"\n')
    env = {"TTV_HOME": "", "TTV_VRAM_GB": "24", "TTV_ALERTS_URLS": "slack://token"}
    found = {each["key"]: each for each in ttv_json("config", cwd=studio, env=env)["settings"]}
    assert (found["engine"]["value"], found["engine"]["source"]) == ("noise", f"{studio}/ttv.toml:1")
    assert (found["vram_gb"]["value"], found["vram_gb"]["source"]) == (24.0, "TTV_VRAM_GB")
    assert (found["fastvideo.offload"]["value"], found["fastvideo.offload"]["source"]) == ("auto", "default")
    assert found["alerts_urls"]["value"] == "**********"
    assert all(each["meaning"] for each in found.values())
    assert "token" not in ttv("config", cwd=studio, env=env).stdout


def test_the_file_to_start_from_is_read_back_as_the_defaults(studio: Path) -> None:
    text = ttv("config", "--toml", cwd=studio, env={"TTV_HOME": ""}).stdout
    before = Settings()
    write(studio, text)
    assert Settings() == before
    uncommented = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith("# [")
    )
    write(studio, uncommented.replace('home = ".ttv"', ""))
    assert {name: value for name, value in Settings() if name != "home"} == {
        name: value for name, value in before if name not in ("home",)
    }


def test_the_runs_that_ttv_starts_see_the_same_settings(studio: Path) -> None:
    write(studio, 'engine = "noise"\nhome = "elsewhere"\n')
    inside = studio / "inside"
    inside.mkdir()
    (inside / "story.txt").write_text("a fox\n")
    document = ttv_json("render", "story.txt", cwd=inside, env={"TTV_HOME": ""})
    assert document["film"].startswith(str(studio / "elsewhere"))


def test_a_secret_of_the_wrong_type_is_not_echoed() -> None:
    with pytest.raises(ValueError, match="alerts_urls") as caught:
        Settings.model_validate({"alerts_urls": ["hunter2"]})
    assert "hunter2" not in str(caught.value)
