"""The training that made a kept policy, as its file says."""

from hpo.errors import UserError
from objectives.errors import ConfigurationError
from objectives.policies.description import unpack
from objectives.run_spec import RunSpec


def policy_run(content: bytes, where: str) -> RunSpec:
    """The run that made the policy whose file has this `content`; `where` is for errors.

    Raises:
        UserError: It is no policy, or one of another version of hpo.
    """
    try:
        return unpack(content, where)[0].run
    except ConfigurationError as error:
        raise UserError(str(error)) from error
