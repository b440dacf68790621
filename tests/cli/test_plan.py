from pathlib import Path
from typing import Any

from tests.cli.sets import write_set
from tests.support import ttv, ttv_json


def actions(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {shot["id"]: (shot["action"], shot["reason"]) for shot in document["shots"]}


def test_a_plan_says_what_a_render_would_do_and_touches_nothing(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a"}, {"id": "b", "fps": "24000/1001", "num_frames": 12})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    document = ttv_json("plan", file, cwd=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not (tmp_path / "home").exists()
    assert document["set"] == "story"
    assert document["totals"]["render"] == 2
    shot = document["shots"][1]
    assert len(shot.pop("key")) == 64
    assert shot == {
        "id": "b",
        "action": "render",
        "reason": "new",
        "engine": "noise",
        "model": None,
        "keyframe_model": None,
        "chosen": "the shot names its engine",
        "vram_gb": None,
        "width": 64,
        "height": 48,
        "num_frames": 12,
        "fps": 24000 / 1001,
    }


def test_after_an_edit_the_plan_names_exactly_what_renders_and_why(tmp_path: Path) -> None:
    shots: list[dict[str, Any]] = [
        {"id": "a"},
        {"id": "b", "continues": True},
        {"id": "c"},
        {"id": "d", "prompt": "the same"},
    ]
    file = write_set(tmp_path / "story.yaml", *shots)
    ttv_json("render", file, cwd=tmp_path)
    assert set(actions(ttv_json("plan", file, cwd=tmp_path)).values()) == {("cached", "in the store")}

    edited: list[dict[str, Any]] = [
        {"id": "new"},
        {"id": "a", "prompt": "other", "seed": 5},
        *shots[1:],
        {"id": "e", "prompt": "the same"},
    ]
    write_set(tmp_path / "story.yaml", *edited)
    found = actions(ttv_json("plan", file, cwd=tmp_path))
    assert found == {
        "new": ("render", "new"),
        "a": ("render", "changed: prompt, seed"),
        "b": ("render", "continues a, which changed"),
        "c": ("cached", "in the store"),
        "d": ("cached", "in the store"),
        "e": ("cached", "in the store"),
    }
    clip = next((tmp_path / "home" / "media" / "clips").glob("*/*.mp4"))
    clip.unlink()
    write_set(tmp_path / "story.yaml", *shots)
    reasons = [
        reason for action, reason in actions(ttv_json("plan", file, cwd=tmp_path)).values() if action == "render"
    ]
    assert "its clip is missing or damaged" in reasons


def test_two_shots_of_one_recipe_are_rendered_once(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a", "prompt": "the same"}, {"id": "b", "prompt": "the same"})
    assert actions(ttv_json("plan", file, cwd=tmp_path))["b"] == ("cached", "the same as a")
    document = ttv_json("render", file, cwd=tmp_path)
    assert [shot["status"] for shot in document["shots"]] == ["rendered", "cached"]
    assert document["shots"][0]["clip"] == document["shots"][1]["clip"]


def test_a_plan_for_people_is_a_table(tmp_path: Path) -> None:
    done = ttv("plan", write_set(tmp_path / "story.yaml", {"id": "a"}), cwd=tmp_path)
    assert done.returncode == 0
    assert "1 to render, 0 cached" in done.stdout
