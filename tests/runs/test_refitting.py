from dataclasses import replace

import pytest
import torch

from relmem_cli.errors import UsageError
from relmem_cli.runs.run import Run
from relmem_cli.training.cards import read_card
from relmem_cli.training.checkpoints import read_tensors
from relmem_cli.training.loop import Epoch, Trainer
from tests.runs.running import check_resumed, train


def test_a_run_that_refits_at_its_end_does_not_go_on_with_more_epochs(make_run, settings) -> None:
    refitting = replace(settings, refit=1)
    train(make_run(settings=refitting))
    with pytest.raises(UsageError, match="epochs was 6"):
        train(make_run(settings=replace(refitting, epochs=9), resume=True))


def refitted(make_run, settings, **more: object) -> tuple[Run, list[Epoch]]:
    trained = make_run(settings=replace(settings, epochs=4, refit=3, **more))
    return trained, train(trained)


def test_refitting_trains_on_the_held_out_questions_too_and_keeps_the_last_epoch(
    make_run, settings, tmp_path, monkeypatch
) -> None:
    read: list[int] = []
    step = Trainer._step
    monkeypatch.setattr(
        Trainer, "_step", lambda self, batch: read.append(len(batch.answers)) or step(self, batch)
    )
    trained, epochs = refitted(make_run, settings)
    data = trained.data
    learned, held = (
        sum(len(story.questions) for story in part) for part in (data.train, data.validation)
    )
    assert sum(read) == 4 * learned + 3 * (learned + held)
    assert [epoch.refit for epoch in epochs] == [False] * 4 + [True] * 3
    (_, best), (_, last) = (
        read_tensors(tmp_path / "run" / name) for name in ("best.safetensors", "last.safetensors")
    )
    assert all(torch.equal(best[name], last[f"model.{name}"]) for name in best)


def test_validation_is_what_it_was_before_the_held_out_questions_were_trained_on(
    make_run, settings
) -> None:
    trained, epochs = refitted(make_run, settings)
    assert {epoch.validation for epoch in epochs[4:]} == {epochs[3].validation}
    trained.finish()
    record = read_card(trained.job.model).record
    assert record["validation"]["loss"] == epochs[3].validation.loss
    assert record["epoch"] == 7


def test_refitting_follows_where_patience_ends_and_its_rate_falls_from_half(
    make_run, settings
) -> None:
    _, epochs = refitted(make_run, settings, patience=1, learning_rate=1e-12, schedule="constant")
    assert [epoch.refit for epoch in epochs] == [False] * 2 + [True] * 3  # none learns anything
    rates = [epoch.learning_rate / 1e-12 for epoch in epochs[2:]]
    assert rates == pytest.approx([0.5, 0.375, 0.125])


@pytest.mark.parametrize("events", [31, 39, 58])
def test_a_stopped_run_goes_on_refitting_to_the_same_bits(
    make_run, settings, tmp_path, events: int
) -> None:
    settings = replace(settings, epochs=4, refit=3, drop_connect=0.2)
    check_resumed(make_run, tmp_path, events, settings=settings)
