"""Options that several commands share."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hpo.durations import parse_duration
from hpo.errors import UserError
from hpo.variables import STORAGE, STORAGE_FILE, STORAGE_PASSWORD_FILE, value_of

if TYPE_CHECKING:
    from hpo.actions.machine import WhereToRun


def _storage_without_a_visible_password(context: typer.Context, value: str | None) -> str | None:
    """The storage URL, from the command line, `HPO_STORAGE`, or the file that `HPO_STORAGE_FILE` names.

    With `HPO_STORAGE_PASSWORD_FILE`, its password is that file's content.

    Raises:
        UserError: A password is on the command line, where every user of the machine can read it, or the file cannot
            be read.
    """
    from hpo.files.secret_files import read_secret

    source = context.get_parameter_source("storage")
    if source is not None and source.name == "COMMANDLINE":
        refuse_visible_password(value)
    file = value_of(STORAGE_FILE)
    url = read_secret(STORAGE_FILE, Path(file)) if value is None and file else value
    password_file = value_of(STORAGE_PASSWORD_FILE)
    if url is None or not password_file:
        return url
    from hpo.database.storage import with_password

    return with_password(url, read_secret(STORAGE_PASSWORD_FILE, Path(password_file)))


def refuse_visible_password(url: str | None) -> None:
    """Raises a `UserError` if a URL that was typed has a password."""
    if url is not None and _PASSWORD.search(url):
        raise UserError(
            "--storage with a password shows it to every user of this machine: put the URL into HPO_STORAGE or into a "
            "file that HPO_STORAGE_FILE names, or the password into one that HPO_STORAGE_PASSWORD_FILE names"
        )


_PASSWORD = re.compile(r"://[^:/]*:[^@]+@|[?&](ssl)?password=.")
"""As SQLAlchemy reads a URL: a password may hold slashes and question marks."""

Storage = Annotated[
    str | None,
    typer.Option(
        envvar=STORAGE,
        show_envvar=True,
        callback=_storage_without_a_visible_password,
        help="Optuna storage URL, for example postgresql://user@host/hpo; default: the embedded PostgreSQL.",
    ),
]
Study = Annotated[str | None, typer.Option(help="Study name; may be left out when the storage has only one.")]
Imports = Annotated[
    list[str] | None,
    typer.Option("--import", metavar="MODULE", help="Import a module first, which registers its tasks."),
]
Device = Annotated[Literal["cpu", "cuda"] | None, typer.Option(help="Default: a GPU where there is one.")]
Gpu = Annotated[int | None, typer.Option(min=0, help="Index of the GPU to use; default: the first free one.")]
Rank = Annotated[Literal["iqm", "mean", "lower-ci", "cvar"], typer.Option(help="What decides a ranking.")]
Drain = Annotated[
    bool, typer.Option("--drain", help="On Ctrl-C, SIGTERM or SIGHUP finish the running trial; default: hand it back.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def where_to_run(device: Literal["cpu", "cuda"] | None, gpu: int | None, imports: list[str] | None) -> "WhereToRun":
    """What the options say of the machine."""
    from hpo.actions.machine import WhereToRun

    return WhereToRun(device, gpu, tuple(imports or ()))


def duration_s(option: str, text: str | None) -> float | None:
    """The seconds of an optional duration.

    Raises:
        UserError: It is none.
    """
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise UserError(f"{option}: {error}") from error


def parse_action_bounds(text: str) -> dict[str, Any]:
    """`-1,1`, `fraction:0.03` or `FILE.yaml`, with its numbers, as the field `action_bounds`.

    Raises:
        UserError: It is none of these, or the file holds no bounds.
    """
    if text.endswith((".yaml", ".yml")):
        return _bounds_in(text)
    try:
        if text.startswith("fraction:"):
            return {"fraction": float(text.removeprefix("fraction:"))}
        low, high = (float(number) for number in text.split(","))
    except ValueError:
        raise UserError(
            f"--action-bounds {text}: write LOW,HIGH, fraction:F or FILE.yaml; bounds by joint go into a file"
        ) from None
    return {"low": low, "high": high}


def _bounds_in(file: str) -> dict[str, Any]:
    from hpo.studies.bounds_file import read_bounds

    return read_bounds(Path(file))


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """`field=value` pairs, values read as YAML.

    Raises:
        UserError: One has no `=`, or its value is not YAML.
    """
    import yaml

    from hpo.files.yaml_files import parse_yaml

    parsed = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals or not field:
            raise UserError(f"--set {setting}: write field=value, for example sampler.population_size=20")
        try:
            parsed[field] = parse_yaml(value)
        except yaml.YAMLError as error:
            raise UserError(f"--set {setting}: the value is not valid YAML") from error
        if field == "action_bounds" and isinstance(parsed[field], str):
            parsed[field] = _bounds_in(parsed[field])
    return parsed
