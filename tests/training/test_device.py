import pytest
import torch

from relmem_cli.errors import UsageError
from relmem_cli.training.device import pick_device


def test_the_cpu_is_always_there() -> None:
    assert pick_device("cpu") == torch.device("cpu")


def test_auto_prefers_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto").type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert pick_device("auto").type == "cpu"


def test_a_device_that_is_not_there_or_unknown_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="'cuda' is not on this machine; it has"):
        pick_device("cuda")
    for name in ("abacus", "cuda:", "cuda:x", "auto:0", ""):
        with pytest.raises(UsageError, match=f"no device '{name}'"):
            pick_device(name)
