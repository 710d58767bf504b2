from pathlib import Path

import pytest
import torch

from relmem_cli.contract import Variant
from relmem_cli.plugins import registry
from relmem_cli.runs.job import Job
from relmem_cli.runs.warm_up import SMALL, warm_up
from relmem_cli.training.settings import Settings


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The variants that are built; multi-hop cannot be."""
    asked = []
    build = Variant.build

    def note(self: Variant, *arguments: object) -> object:
        asked.append(self.name)
        if self.name == "multi-hop":
            raise ImportError("no such module")
        return build(self, *arguments)

    monkeypatch.setattr(Variant, "build", note)
    return asked


def job(variant: str, folder: Path, **more: object) -> Job:
    settings = Settings(variant=variant, task="1", **more)
    return Job(settings=settings, source=None, folder=folder, device="cpu")


def test_each_variant_is_warmed_up_once_and_one_that_fails_costs_the_others_nothing(
    asked: list[str], tmp_path: Path
) -> None:
    before = torch.random.get_rng_state()
    warm_up([job(name, tmp_path) for name in ("multi-hop", "entnet", "entnet", "gru")])
    assert asked == ["multi-hop", "entnet", "gru"]
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("variant", ["entnet", "relation-transformer"])
def test_what_training_calls_is_what_is_warmed_up(
    variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = type(registry().variants[variant].build(SMALL, {}))
    called, learn = [], model.learn
    monkeypatch.setattr(model, "learn", lambda *given: called.append(1) or learn(*given))
    warm_up([job(variant, tmp_path)])
    assert called == [1]


def test_the_reference_path_needs_no_warming_up(asked: list[str], tmp_path: Path) -> None:
    warm_up([job("entnet", tmp_path, kernels="reference")])
    assert asked == []
