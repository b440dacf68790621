from pathlib import Path

import pytest

from tests.deployments import NOWHERE
from tests.farm.planning import jobs, local_farm, plan
from tests.farm.test_local import Watch
from ttv_dagster.renders.manifest import LIST_FROM, ManifestRow, cached_rows
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.storage.layout import clip_name, record_name
from ttv_dagster.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "media")


def rendered(store: Store) -> list[PlannedShot]:
    planned = plan({"id": "a"}, {"id": "b"})
    assert len(list(local_farm(NOWHERE, store).render(jobs(planned), Watch()))) == 2
    return planned


def test_what_the_store_has_is_cached_with_what_its_record_says(store: Store) -> None:
    planned = [*rendered(store), *plan({"id": "new"})]
    found = cached_rows(planned, store)
    assert set(found) == {each.key for each in planned[:2]}
    row = found[planned[0].key]
    assert (row.shot, row.status, row.seconds) == ("a", "cached", 0.0)
    assert (row.decodable, row.matches_request, row.blank) == (True, True, None)
    assert row.bytes == store.size(clip_name(planned[0].key))


def test_one_listing_finds_what_asking_for_each_finds(store: Store) -> None:
    planned = rendered(store)
    many = [*planned, *plan(*({"id": f"n{number}"} for number in range(LIST_FROM)))]
    assert cached_rows(many, store) == cached_rows(planned, store)


def test_a_clip_of_another_size_than_its_record_is_not_cached(store: Store) -> None:
    planned = rendered(store)
    known = list(cached_rows(planned, store).values())
    store.write(clip_name(planned[0].key), b"damaged")
    assert set(cached_rows(planned, store)) == {planned[1].key}
    assert set(cached_rows(planned, store, known)) == {planned[1].key}


def test_what_an_earlier_manifest_says_is_not_read_again(store: Store) -> None:
    planned = rendered(store)
    known = cached_rows(planned, store)
    for each in planned:
        store.write(record_name(each.key), b"{}")
    assert cached_rows(planned, store, known.values()) == known


def test_a_clip_whose_record_is_lost_is_inspected_again_and_recorded(store: Store) -> None:
    planned = rendered(store)
    (store.root / record_name(planned[0].key)).unlink()
    before = cached_rows(planned[1:], store)[planned[1].key]
    row = cached_rows(planned, store)[planned[0].key]
    assert (row.decodable, row.matches_request, row.blank) == (before.decodable, before.matches_request, before.blank)
    assert store.size(record_name(planned[0].key)) is not None


def test_half_a_clip_without_a_record_is_not_cached(store: Store) -> None:
    planned = rendered(store)
    (store.root / record_name(planned[0].key)).unlink()
    name = clip_name(planned[0].key)
    store.write(name, store.read(name)[:400])
    assert planned[0].key not in cached_rows(planned, store)


def test_a_row_survives_its_mapping() -> None:
    row = ManifestRow("a", "ab" * 32, "failed", error="it broke")
    assert ManifestRow.from_row(row.to_row()) == row
