import itertools
from dataclasses import replace

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.training.cards import read_card
from relmem_cli.training.evaluation import Score
from relmem_cli.training.settings import Settings
from tests.runs.running import epochs_of, same_bits, train


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_restarts_do_not_write_over_a_run_of_another_kind(make_run, first, second) -> None:
    train(make_run(restarts=first))
    with pytest.raises(UsageError, match="another --restarts"):
        train(make_run(restarts=second))


def test_restarts_keep_the_seed_with_the_fewest_validation_errors(make_run, tmp_path) -> None:
    trained = make_run(restarts=3)
    train(trained)
    record = trained.finish()
    scores = [
        (card.record["validation"]["errors"], card.record["validation"]["loss"])
        for card in (read_card(tmp_path / f"run/seed-{s}/best.safetensors") for s in range(3))
    ]
    validation = read_card(trained.job.model).record["validation"]
    assert (validation["errors"], validation["loss"]) == min(scores)
    assert record.seeds_tried == 3


def in_trial(settings: Settings, **more: object) -> Settings:
    """Of several seeds one goes on after two epochs."""
    return replace(settings, epochs=6, restart_epochs=2, **more)


def test_after_their_trial_only_the_seed_with_the_fewest_validation_errors_goes_on(
    make_run, settings, tmp_path
) -> None:
    trained = make_run(settings=in_trial(settings), restarts=3)
    train(trained)
    seeds = [epochs_of(tmp_path / f"run/seed-{seed}") for seed in range(3)]
    trials = [[line["validation_error"] for line in lines[:2]] for lines in seeds]
    best = min(range(3), key=lambda seed: min(zip(trials[seed], (1, 2), strict=True)))
    assert [len(lines) for lines in seeds] == [6 if seed == best else 2 for seed in range(3)]
    record = trained.finish()
    assert (record.kept_seed, record.seeds_tried) == (best, 3)


def test_the_seed_that_went_on_is_kept_though_another_had_a_better_trial_than_its_end(
    make_run, settings, tmp_path, monkeypatch
) -> None:
    errors = iter([5, 5, 4, 4, 3, 3, 7, 7, 7, 7])  # two seeds' trials; the third's, then its end
    monkeypatch.setattr(
        "relmem_cli.training.loop.score",
        lambda *_: Score(errors=next(errors), n=8, loss=0.5),
    )
    trained = make_run(settings=in_trial(settings, refit=1), restarts=3)
    train(trained)
    monkeypatch.undo()
    record = trained.finish()
    assert (record.kept_seed, record.validation_errors) == (2, 7)


def test_no_seed_is_tried_after_a_flawless_trial_whatever_comes_of_it(
    make_run, settings, tmp_path, monkeypatch
) -> None:
    errors = iter([1, 0, 2, 2, 2, 2])
    monkeypatch.setattr(
        "relmem_cli.training.loop.score",
        lambda *_: Score(errors=next(errors), n=8, loss=0.5),
    )
    train(make_run(settings=in_trial(settings, refit=1), restarts=3))
    assert [path.name for path in sorted((tmp_path / "run").glob("seed-*"))] == ["seed-0"]
    assert len(epochs_of(tmp_path / "run/seed-0")) == 7


@pytest.mark.parametrize("events", [5, 31, 45, 58])
def test_stopped_seeds_go_on_to_the_same_bits(make_run, settings, tmp_path, events: int) -> None:
    several = {"settings": in_trial(settings), "restarts": 3}
    whole = make_run("whole", **several)
    train(whole)
    stopped = make_run("stopped", **several).events()
    assert len(list(itertools.islice(stopped, events))) == events
    stopped.close()
    again = make_run("stopped", resume=True, **several)
    train(again)
    for run in (whole, again):
        run.finish()
    assert same_bits(whole.job.model, again.job.model)
    assert [path.name for path in sorted((tmp_path / "stopped").glob("seed-*"))] == [
        "seed-0", "seed-1", "seed-2",
    ]  # fmt: skip


@pytest.mark.parametrize("trial", [6, 100])
def test_a_trial_as_long_as_training_is_none(make_run, settings, tmp_path, trial: int) -> None:
    train(make_run(settings=replace(settings, restart_epochs=trial), restarts=2))
    assert [len(epochs_of(tmp_path / f"run/seed-{seed}")) for seed in (0, 1)] == [6, 6]


def test_no_seed_is_tried_after_one_without_a_validation_error(
    make_run, tmp_path, monkeypatch
) -> None:
    right = Score(errors=0, n=8, loss=0.5)
    monkeypatch.setattr("relmem_cli.training.loop.score", lambda *_: right)
    trained = make_run(restarts=3)
    train(trained)
    assert not (tmp_path / "run/seed-1").exists()
    record = trained.finish()
    assert (record.validation_errors, record.validation_n) == (0, 8)
