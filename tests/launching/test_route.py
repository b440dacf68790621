import pytest

from ttv_dagster.launching.route import from_environment, gpu_groups, make_route

LOCAL = {"module": "dagster", "class": "DefaultRunLauncher"}


def test_an_environment_variable_stands_for_its_value_at_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIZE", "8g")
    monkeypatch.setenv("SECONDS", "60")
    monkeypatch.setenv("NOTHING", "")
    given = {"a": [{"env": "SIZE"}, {"env": "NOTHING"}, 1], "b": {"c": {"env": "SECONDS"}, "d": {"env": "NOTHING"}}}
    assert from_environment(given) == {"a": ["8g", 1], "b": {"c": 60}}


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(ValueError, match="the environment does not have MISSING"):
        from_environment({"a": {"env": "MISSING"}})


@pytest.mark.parametrize(
    ("gpus", "groups"), [("", []), (" ", []), ("0", ["0"]), ("0; 1", ["0", "1"]), ("0,1;2, 3", ["0,1", "2,3"])]
)
def test_gpus_are_written_in_groups(gpus: str, groups: list[str]) -> None:
    assert gpu_groups(gpus) == groups


@pytest.mark.parametrize("gpus", ["0;0", "0,1;1", "0;", ",", "0,,1"])
def test_a_gpu_in_two_groups_or_in_none_is_refused(gpus: str) -> None:
    with pytest.raises(ValueError, match="write one group a run at a time"):
        gpu_groups(gpus)


def test_gpus_are_refused_where_the_launcher_cannot_be_given_any() -> None:
    with pytest.raises(ValueError, match="only DockerRunLauncher can"):
        make_route("cuda", {**LOCAL, "gpus": "0"}, "ttv")
