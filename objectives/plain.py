"""The base of what this package is given and gives: plain data, without NaN, which JSON does not have."""

from pydantic import BaseModel, ConfigDict


class Plain(BaseModel):
    """Frozen, with known fields only, and finite numbers: what is not finite is a diverged run, found before."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
