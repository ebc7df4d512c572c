"""What a study holds, read with its types: whoever may write to the database wrote it."""

from typing import Any

from pydantic import BaseModel, ValidationError

from hpo.errors import UserError


def read_stored[Model: BaseModel](kind: type[Model], stored: Any, what: str) -> Model:
    """`stored` as a `kind`.

    Args:
        kind: What it should be.
        stored: What was read.
        what: Where, for the error: `trial 3 has a record`.

    Raises:
        UserError: It is none; one line that names every field at fault.
    """
    try:
        return kind.model_validate(stored)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'all'}: {fault['msg']}" for fault in error.errors())
        raise UserError(f"{what} that hpo did not write: {faults}") from error
