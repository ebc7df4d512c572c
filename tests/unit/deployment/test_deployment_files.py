"""What docs/ gives to Kubernetes and Slurm says what hpo understands; no cluster is needed for that."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from hpo.cli import app

DOCS = Path(__file__).parents[3] / "docs"
DEPLOYMENTS = ("worker.yaml", "dashboard.yaml")


def manifests(name: str) -> dict[str, dict[str, Any]]:
    documents = yaml.safe_load_all((DOCS / "kubernetes" / name).read_text())
    return {document["kind"]: document for document in documents}


def understood(arguments: list[str]) -> dict[str, Any]:
    """The options of a command line, parsed by the command itself and not run."""
    commands = typer.main.get_command(app)
    name, *rest = arguments
    command = commands.get_command(commands.make_context("hpo", ["--help"], resilient_parsing=True), name)  # type: ignore[attr-defined]
    assert command is not None, name
    options: dict[str, Any] = command.make_context(name, rest).params
    return options


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_pods_command_line_is_one_that_hpo_accepts(name: str) -> None:
    container = manifests(name)["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    options = understood(container["args"])
    assert options.get("device", "cuda") == "cuda"
    for port in container.get("ports", ()):
        assert options["port"] == port["containerPort"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_pod_reads_its_storage_from_a_mounted_secret_that_others_cannot_read(name: str) -> None:
    pod = manifests(name)["Deployment"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    environment = {variable["name"]: variable["value"] for variable in container["env"] if "value" in variable}
    assert set(environment) == {"HPO_HOME", "HPO_STORAGE_FILE"}
    assert f"USER {pod['securityContext']['runAsUser']}:" in (DOCS.parent / "docker" / "Dockerfile").read_text()
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    url = Path(environment["HPO_STORAGE_FILE"])
    volume = next(volume for volume in pod["volumes"] if volume["name"] == mounts[str(url.parent)])
    assert volume["secret"]["defaultMode"] & 0o007 == 0
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]
    keys = manifests("storage-secret.yaml")["Secret"]["stringData"]
    assert all(item["key"] in keys and item["path"] == item["key"] for item in volume["secret"]["items"])
    assert url.name in keys
    assert environment["HPO_HOME"] in mounts


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_and_its_service_select_its_own_pods(name: str) -> None:
    found = manifests(name)
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert found["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    if "Service" in found:
        assert found["Service"]["spec"]["selector"] == labels


def test_the_slurm_script_is_bash_and_starts_a_worker_with_its_own_arguments() -> None:
    script = DOCS / "slurm" / "hpo.sbatch"
    subprocess.run(["bash", "-n", str(script)], check=True)
    program = shlex.split(script.read_text().splitlines()[-1])
    assert program == ["exec", "srun", "hpo", "worker", "$@"]
    assert understood([*program[3:-1], "--study", "sac-speed"])["study"] == "sac-speed"
