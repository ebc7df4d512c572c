"""Databases of other applications: seen before a table is made in them."""

import re

import sqlalchemy

from hpo.errors import UserError

_REVISION_OF_OPTUNA = re.compile(r"v\d+\.\d+\.\d+\.\w+")
"""As `v3.2.0.a`; other applications leave it to Alembic to make one up."""


def refuse_another_applications(engine: sqlalchemy.Engine) -> None:
    """Leaves a database alone whose migrations are another application's, MLflow's perhaps.

    Alembic keeps the revision of the tables in one of its own, `alembic_version`, of which a schema has one.

    Raises:
        UserError: The database, or the schema that is used, is another application's.
    """
    with engine.connect() as connection:
        if not sqlalchemy.inspect(connection).has_table("alembic_version"):
            return
        revisions = connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalars().all()
    for revision in revisions:
        if not _REVISION_OF_OPTUNA.fullmatch(revision):
            schema = " or a schema (?options=-csearch_path%3DNAME in the URL)" if _has_schemas(engine) else ""
            raise UserError(
                f"the database {engine.url.database} is another application's: its tables have the revision "
                f"{revision} in alembic_version, which is not Optuna's; give studies a database{schema} of their own"
            )


def _has_schemas(engine: sqlalchemy.Engine) -> bool:
    return engine.dialect.name == "postgresql"
