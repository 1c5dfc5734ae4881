"""The stores that keep to one contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.captures.redis_servers import RedisServer, flush, redis_cluster, redis_server
from tests.captures.samples import PATIENT
from yourl.captures.bounds import Bounds
from yourl.captures.redis.store import RedisStore
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore

StoreMaker = Callable[..., CaptureStore]


@pytest.fixture(scope="session")
def single_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    """One Redis for all tests."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield [server]


@pytest.fixture(scope="session")
def cluster_of_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    """One cluster of three for all tests."""
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as servers:
        yield servers


@pytest.fixture(params=["sqlite", "sqlite-without-index", "redis", "redis-cluster"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreMaker]:
    """Makes stores of one kind; all that one test makes share their captures, as processes would."""
    made: list[CaptureStore] = []
    if request.param.startswith("redis"):
        fixture = "single_redis" if request.param == "redis" else "cluster_of_redis"
        servers: list[RedisServer] = request.getfixturevalue(fixture)
        flush(servers)

    def make(bounds: Bounds | None = None) -> Any:
        if request.param.startswith("redis"):
            made.append(RedisStore(servers[0].url, bounds, time_limits=PATIENT))
        else:
            index = request.param == "sqlite"
            path = tmp_path / "captures.db"
            made.append(
                SqliteStore(path, bounds, use_text_index=index, is_durable=False, time_limits=PATIENT)
            )
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: StoreMaker) -> CaptureStore:
    """One store with the usual bounds."""
    return make_store()
