"""Fresh databases in milliseconds: copies of one that was migrated once."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import sqlalchemy

from hpo.database.storage import open_storage

_TEMPLATE = "migrated"


class Databases:
    """Databases of one server, each with the tables of a study and nothing in them.

    Args:
        url: Of any database of the server, as a role that may create others.
        folder: As the data folder of `open_storage`.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._url = sqlalchemy.make_url(url)
        self._numbers = count()
        self._administrator = sqlalchemy.create_engine(
            self._url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
        )
        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        with open_storage(self._url_of(_TEMPLATE), folder):
            pass

    @contextmanager
    def fresh(self, template: str = _TEMPLATE) -> Iterator[str]:
        """The URL of a new database, a copy of `template`; it is gone at the end."""
        name = f"fresh_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self._url_of(name)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _url_of(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._administrator.connect() as connection:
            connection.execute(sqlalchemy.text(statement))
