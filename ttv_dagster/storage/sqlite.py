"""The small SQLite files in which automation remembers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

WAIT_SECONDS = 30
"""How long one process waits for another that is writing."""


@contextmanager
def connected(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """Open a connection to the file, which is created if it is missing; every statement is committed separately.

    Args:
        path: The file.
        schema: Statements that create its tables if they are missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
        connection.executescript(schema)
        yield connection
