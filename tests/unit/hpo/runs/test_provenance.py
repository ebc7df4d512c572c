import socket

import pytest

from hpo.runs.provenance import host


def test_a_container_is_told_its_machines_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPO_HOST", "gpu-1")
    assert host() == "gpu-1"
    monkeypatch.setenv("HPO_HOST", "")
    assert host() == socket.gethostname()
