import pytest

from ttv_dagster.weights.errors import Unsafe
from ttv_dagster.weights.listing import RepoFile, check_safe, wanted
from ttv_dagster.weights.model import PIPELINE_FILES

FILE = RepoFile(1, "0" * 40)


@pytest.mark.parametrize("path", ["../../.bashrc", "vae/../../x.safetensors", "/etc/passwd", "vae\\..\\x.json"])
def test_a_hub_that_lists_files_outside_the_repository_is_refused(path: str) -> None:
    with pytest.raises(Unsafe, match="leaves its folder"):
        check_safe("a/b", {"model.safetensors": FILE, path: FILE}, PIPELINE_FILES)


def test_a_star_takes_folders_as_the_hub_reads_it() -> None:
    listing = dict.fromkeys(("model_index.json", "vae/config.json", "a/b/c.json", "README.md"), FILE)
    assert set(wanted(listing, ["*.json"])) == {"model_index.json", "vae/config.json", "a/b/c.json"}
    assert set(wanted(listing, ["vae/*"])) == {"vae/config.json"}


def test_pickled_leftovers_beside_no_model_do_no_harm() -> None:
    listing = {"model.safetensors": FILE, "training/optimizer.pt": FILE, "model_index.json": FILE}
    check_safe("a/b", listing, PIPELINE_FILES)


def test_a_repository_without_safetensors_is_refused() -> None:
    with pytest.raises(Unsafe, match="no weights as safetensors"):
        check_safe("a/b", {"model.gguf": FILE, "config.json": FILE}, PIPELINE_FILES)
