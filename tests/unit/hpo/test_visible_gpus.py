import pytest

from hpo.errors import UserError
from hpo.hardware import visible_gpus

UUIDS = ("GPU-11aa", "GPU-11bb", "GPU-22cc")


@pytest.mark.parametrize(
    ("visible", "seen"),
    [
        (None, [0, 1, 2]),
        ("2,0", [2, 0]),
        (" 1 , 0", [1, 0]),
        ("GPU-22,0", [2, 0]),
        ("0,0,1", [0, 1]),
        ("1,-1,2", [1]),
        ("0,7,1", [0]),
        ("", []),
        ("-1", []),
        ("-1,0", []),
        ("NoDevFiles", []),
    ],
)
def test_gpus_are_seen_as_cuda_sees_them(visible: str | None, seen: list[int]) -> None:
    assert visible_gpus(visible, UUIDS) == seen


@pytest.mark.parametrize("visible", ["7", "all", "MIG-1", "GPU-11", "GPU-99", "gpu-11aa", "0x0"])
def test_a_name_of_no_gpu_is_refused(visible: str) -> None:
    with pytest.raises(UserError, match=f"CUDA_VISIBLE_DEVICES={visible} names no GPU of this machine, which has 0 "):
        visible_gpus(visible, UUIDS)


def test_a_machine_without_gpus_says_so_where_one_is_named() -> None:
    with pytest.raises(UserError, match="which has none"):
        visible_gpus("0", ())
