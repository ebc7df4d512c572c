"""Connections to the embedded PostgreSQL that libpq's environment variables do not turn elsewhere.

Whatever a connection leaves open libpq takes from `PGHOSTADDR`, `PGSERVICE`, `PGOPTIONS` and thirty more, which people
have for other servers; a service has no parameter that would turn it off.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  (psycopg2's name of its class)
from sqlalchemy.engine import URL

_one_at_a_time = threading.Lock()


def connect_sealed(url: URL, **options: Any) -> Connection:
    """A connection to `url` as it is written, with psycopg2's `options`."""
    _, parameters = url.get_dialect()().create_connect_args(url)
    with _without_variables_of_libpq():
        connection: Connection = psycopg2.connect(**{**parameters, **options})
    return connection


@contextmanager
def _without_variables_of_libpq() -> Iterator[None]:
    """Hides them from libpq, and from nobody else: `os.environ` is Python's copy, and stays as it is."""
    with _one_at_a_time:
        hidden = {name: value for name, value in os.environ.items() if name.startswith("PG")}
        for name in hidden:
            os.unsetenv(name)
        try:
            yield
        finally:
            for name, value in hidden.items():
                os.putenv(name, value)
