"""`ttv.toml`: where it is looked for, and what becomes of one that cannot be used."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.configuration.settings_file import LARGEST, SettingsError, find_settings_file, read_settings_file


def write(path: Path, text: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_nearest_file_upward_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    outer = write(tmp_path / "ttv.toml")
    assert find_settings_file({}, deep) == outer
    inner = write(tmp_path / "a" / "ttv.toml")
    assert find_settings_file({}, deep) == inner


def test_a_home_has_its_own_file_or_none(tmp_path: Path) -> None:
    write(tmp_path / "ttv.toml")
    home = tmp_path / "home"
    assert find_settings_file({"TTV_HOME": str(home)}, tmp_path) is None
    own = write(home / "ttv.toml")
    assert find_settings_file({"TTV_HOME": str(home)}, tmp_path) == own


def test_a_file_can_be_named_and_must_then_be_there(tmp_path: Path) -> None:
    named = write(tmp_path / "other.toml")
    assert find_settings_file({"TTV_SETTINGS_FILE": str(named), "TTV_HOME": "/x"}, tmp_path) == named
    with pytest.raises(SettingsError, match=r"TTV_SETTINGS_FILE names .*gone.toml, which does not exist"):
        find_settings_file({"TTV_SETTINGS_FILE": str(tmp_path / "gone.toml")})


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_key_has_its_line(tmp_path: Path, newline: str) -> None:
    text = newline.join(["# a comment", "engine = 'animatic'", "", "[fastvideo]", "num_gpus = 2", ""])
    file = read_settings_file(write(tmp_path / "ttv.toml", text))
    assert file.where("engine").endswith("ttv.toml:2")
    assert file.where("fastvideo").endswith("ttv.toml:4")
    assert file.where("fastvideo.num_gpus").endswith("ttv.toml:5")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("engine = ", "is not TOML: Invalid value"),
        (b"engine = '\xff'", "is not UTF-8 text .byte 10."),
        ("a = " + "[" * 20_000, "(is nested too deeply|is not TOML)"),
        ("a\0 = 1", "is not TOML"),
        ("#" * (LARGEST + 1), "has more than 64 KiB"),
    ],
)
def test_what_is_no_settings_file_is_one_sentence(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings_file(write(tmp_path / "ttv.toml", content))


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(SettingsError, match="is not a regular file"):
            read_settings_file(path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SettingsError, match="cannot be read: too many levels of symbolic links"):
        read_settings_file(tmp_path / "loop")


def test_a_file_of_another_user_is_ignored_with_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ttv.toml", "engine = 'animatic'")
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:  # Only root can give a file away; anybody can be somebody else than its owner.
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.warns(UserWarning, match="belongs to another user and is ignored"):
        assert read_settings_file(path).values == {}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = write(tmp_path_factory.getbasetemp() / "any.toml", text.encode("utf-8", "surrogatepass"))
    try:
        read_settings_file(path)
    except SettingsError as error:
        sentence = str(error)
    else:
        sentence = str(path)
    assert sentence.startswith(str(path))


def test_a_number_of_thousands_of_digits_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ttv.toml"
    path.write_text(f"vram_gb = {'9' * 10_000}\n")
    with pytest.raises(SettingsError, match="a number that is too long"):
        read_settings_file(path)


def test_a_text_of_several_lines_that_looks_like_keys_does_not_mislead_the_lines(tmp_path: Path) -> None:
    text = "ui_url = '''\nengine = 1\n[fastvideo]\n'''\nimage_roots = [\n  'a',\n]\n"
    text += "engine = 'wan'\n[ fastvideo ]\nnum_gpus = 2\n"
    file = read_settings_file(write(tmp_path / "ttv.toml", text))
    assert file.lines == {"ui_url": 1, "image_roots": 5, "engine": 8, "fastvideo": 9, "fastvideo.num_gpus": 10}
