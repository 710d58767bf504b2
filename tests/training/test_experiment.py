import copy
import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.plugins import registry
from relmem_cli.runs.experiment import Experiment
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.follows import follows
from relmem_cli.stories.tasks import load_training
from relmem_cli.training.cards import read_card
from relmem_cli.training.checkpoints import read_tensors
from relmem_cli.training.evaluation import Score
from relmem_cli.training.loop import Epoch, Step, Trainer
from relmem_cli.training.settings import Settings
from relmem_variants.plugin import RELATION_TRANSFORMER


def train(experiment) -> list[Epoch]:
    return [event for _, event in experiment.events() if isinstance(event, Epoch)]


def read_lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def same_bits(one: Path, other: Path) -> bool:
    (_, left), (_, right) = read_tensors(one), read_tensors(other)
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


def test_training_learns_a_tiny_world(experiment, settings: Settings) -> None:
    larger = {"slots": 4, "dim": 24}
    trained = experiment(settings=replace(settings, epochs=60, patience=60, options=larger))
    epochs = train(trained)
    assert epochs[-1].loss < epochs[0].loss / 3
    assert trained.finish().tests[1].error < 0.3


def test_a_run_leaves_settings_metrics_best_and_last(experiment, settings, tmp_path) -> None:
    epochs = train(experiment())
    folder = tmp_path / "run"
    assert Settings.from_toml((folder / "settings.toml").read_text()) == settings
    lines = [json.loads(line) for line in read_lines(folder / "metrics.jsonl")]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[2]["validation_error"] == epochs[2].validation.error
    assert read_card(folder / "best.safetensors").variant == "entnet"
    assert (folder / "last.safetensors").exists()


def test_the_best_model_is_the_epoch_with_the_fewest_validation_errors(experiment) -> None:
    trained = experiment()
    epochs = train(trained)
    best = min(epochs, key=lambda e: (e.validation.errors, e.validation.loss))
    record = trained.finish().card.record
    assert record["epoch"] == best.epoch
    assert record["validation"]["errors"] == best.validation.errors


def test_the_record_tells_which_words_follow_which_in_the_training_stories(experiment) -> None:
    trained = experiment()
    train(trained)
    assert trained.finish().card.record["follows"] == follows(trained.data.train)
    assert follows(trained.data.train)


def test_the_test_stories_are_not_read_before_training_has_ended(experiment, source) -> None:
    (source.path / "qa1_tiny_test.txt").write_text("not bAbI\n")
    trained = experiment()
    train(trained)
    with pytest.raises(RelmemError, match="qa1_tiny_test.txt:1"):
        trained.finish()


def test_a_missing_test_file_is_said_before_anything_is_written(
    experiment, source, tmp_path
) -> None:
    (source.path / "qa1_tiny_test.txt").unlink()
    with pytest.raises(RelmemError, match="test.txt is missing"):
        train(experiment())
    assert not (tmp_path / "run").exists()


def test_a_test_file_without_a_question_is_said(experiment, source) -> None:
    (source.path / "qa1_tiny_test.txt").write_text("1 Ann left.\n")
    trained = experiment()
    train(trained)
    with pytest.raises(RelmemError, match="ask no question"):
        trained.finish()


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_restarts_do_not_write_over_a_run_of_another_kind(experiment, first, second) -> None:
    train(experiment(restarts=first))
    with pytest.raises(UsageError, match="another --restarts"):
        train(experiment(restarts=second))


def test_a_run_that_was_killed_before_it_saved_starts_again(experiment, tmp_path) -> None:
    events = experiment().events()
    while not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    (tmp_path / "run/last.safetensors").unlink()
    train(experiment(resume=True))
    lines = read_lines(tmp_path / "run/metrics.jsonl")
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]


def test_what_a_run_cannot_go_on_with_is_told_in_a_line(experiment, settings, tmp_path) -> None:
    train(experiment("other", settings=replace(settings, options={"slots": 3, "dim": 5})))
    events = experiment().events()
    while not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    other = (tmp_path / "other/last.safetensors").read_bytes()
    (tmp_path / "run/last.safetensors").write_bytes(other)
    with pytest.raises(RelmemError, match=r"does not fit this run \(keys is F32 .* more do not"):
        train(experiment(resume=True))


def test_a_run_of_a_relmem_with_other_models_is_not_resumed(experiment, tmp_path) -> None:
    events = experiment().events()
    while not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    last = tmp_path / "run/last.safetensors"
    progress, tensors = read_tensors(last)
    last.write_bytes(save(tensors, progress | {"format": "relmem-model-1"}))
    with pytest.raises(RelmemError, match="saved by another relmem"):
        train(experiment(resume=True))


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("\tshed\t", "\tbarn\t", "its 6[0-9] training questions are others now"),  # answers alone
        ("Ann", "Zoe", r"training .*, its [78] validation .*, its [0-9]+ words are others now"),
        (r"went to the", "walked to the", "words are others now"),
    ],
)
def test_a_run_whose_data_changed_is_not_resumed(
    experiment, source, before: str, after: str, changed: str, *, ended: bool
) -> None:
    events = experiment().events()
    while next(events, None) if ended else not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    file = source.path / "qa1_tiny_train.txt"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))
    with pytest.raises(UsageError, match=f"trained on other data .*{changed}.*--out"):
        train(experiment(resume=True))


@pytest.mark.parametrize("name", ["best.safetensors", "last.safetensors"])
def test_a_damaged_file_of_a_run_says_what_to_do(experiment, tmp_path, name: str) -> None:
    train(experiment())
    (tmp_path / "run" / name).write_bytes(b"torn")
    with pytest.raises(RelmemError, match=f"{name} is not a whole .*Delete .* to begin it anew"):
        train(experiment(resume=True))


def test_stories_without_questions_are_no_part_of_training(experiment, source) -> None:
    with (source.path / "qa1_tiny_train.txt").open("a") as file:
        file.write("1 Zoe went to the moon.\n" * 40)
    trained = experiment()
    assert all(math.isfinite(epoch.loss) for epoch in train(trained))
    assert "zoe" in trained.data.vocabulary


def test_a_plugins_variant_trains_like_a_built_in_one(experiment, settings) -> None:
    variant = registry().variants.get_or_explain("gru")
    chosen = replace(settings, variant="gru", options={"dim": 8})
    trained = experiment(variant=variant, settings=chosen)
    epochs = train(trained)
    assert epochs[-1].loss < epochs[0].loss
    assert trained.finish().card.variant == "gru"


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(experiment, settings, tmp_path):
    for name in ("one", "two"):
        train(experiment(name))
    train(experiment("three", settings=replace(settings, seed=1)))
    assert same_bits(tmp_path / "one/last.safetensors", tmp_path / "two/last.safetensors")
    assert not same_bits(tmp_path / "one/last.safetensors", tmp_path / "three/last.safetensors")


def check_resumed(experiment, tmp_path: Path, events: int, **more: object) -> Experiment:
    """Stop a run after so many events and go on: all is as in one that never stopped."""
    whole = experiment("whole", **more)
    train(whole)
    stopped = experiment("stopped", **more).events()
    seen = list(itertools.islice(stopped, events))
    assert isinstance(seen[-1][1], Step | Epoch)
    stopped.close()
    train(experiment("stopped", resume=True, **more))
    for name in ("best.safetensors", "last.safetensors"):
        assert same_bits(tmp_path / "whole" / name, tmp_path / "stopped" / name)
    once, again = (
        [json.loads(line)["loss"] for line in read_lines(tmp_path / run / "metrics.jsonl")]
        for run in ("whole", "stopped")
    )
    assert once == again
    return whole


@pytest.fixture
def enough(source) -> None:
    """The tiny world's training stories often enough to show roles."""
    file = source.path / "qa1_tiny_train.txt"
    file.write_text(file.read_text() * 3)


@pytest.mark.parametrize("events", [1, 11, 30, 41])
def test_a_stopped_run_goes_on_to_the_same_bits(experiment, tmp_path, events: int) -> None:
    assert check_resumed(experiment, tmp_path, events).renaming is None


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize("events", [1, 11, 30, 41])
def test_a_stopped_run_goes_on_renaming_to_the_same_bits(
    experiment, settings, tmp_path, events: int
) -> None:
    settings = replace(settings, rename="auto", rename_after=2)
    renaming = check_resumed(experiment, tmp_path, events, settings=settings).renaming
    assert renaming is not None
    assert renaming.roles[1]


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize(("events", "dim"), [(11, 12), (40, 12), (40, 48)])
def test_a_stopped_run_goes_on_drawing_to_the_same_bits(
    experiment, settings, tmp_path, events: int, dim: int
) -> None:
    """By autograd, and by hand, for which a head of dim 12 is no whole number of vectors."""
    settings = replace(
        settings,
        variant="relation-transformer",
        epochs=3,
        rename="auto",
        rename_after=0,
        weight_decay=0.1,
        options={"dim": dim, "heads": 3, "steps": 2, "dropout": 0.2},
    )
    more = {"variant": RELATION_TRANSFORMER, "settings": settings}
    renaming = check_resumed(experiment, tmp_path, events, **more).renaming
    assert renaming is not None
    assert renaming.roles[1]


@pytest.mark.parametrize("events", [11, 30])
def test_a_stopped_run_goes_on_dropping_weights_to_the_same_bits(
    experiment, settings, tmp_path, events: int
) -> None:
    settings = replace(settings, drop_connect=0.3, drop_from="encoder.words,keys")
    check_resumed(experiment, tmp_path, events, settings=settings)


def test_dropping_weights_changes_what_is_learned(experiment, settings, tmp_path) -> None:
    for name, share in (("with", 0.3), ("without", 0.0)):
        train(experiment(name, settings=replace(settings, drop_connect=share)))
    assert not same_bits(tmp_path / "with/last.safetensors", tmp_path / "without/last.safetensors")


def test_weights_that_the_model_has_not_are_refused_before_anything_is_written(
    experiment, settings, tmp_path
) -> None:
    settings = replace(settings, drop_connect=0.3, drop_from="embedding")
    with pytest.raises(UsageError, match="no weights 'embedding'"):
        train(experiment(settings=settings))
    assert not (tmp_path / "run").exists()


def test_weight_decay_takes_its_part_of_every_parameter_away(entnet, settings, source) -> None:
    data = load_training(source, "1")
    model = entnet.build(data.sizes, dict(settings.options)).double()
    after = []
    for decay in (0.0, 0.5):
        chosen = replace(settings, weight_decay=decay)
        trainer = Trainer(model=copy.deepcopy(model), data=data, settings=chosen)
        before = trainer.parameters.vector.detach().clone()
        next(trainer.run())
        after.append(trainer.parameters.vector.detach())
    taken = settings.learning_rate * 0.5 * before
    torch.testing.assert_close(after[0] - after[1], taken, rtol=0, atol=1e-9)


def test_an_interrupt_leaves_the_last_finished_epoch(experiment, tmp_path) -> None:
    events = experiment().events()
    for _, event in events:
        if isinstance(event, Epoch) and event.epoch == 2:
            break
    next(events)
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt())
    progress, _ = read_tensors(tmp_path / "run/last.safetensors")
    assert progress["epoch"] == "2"


def test_a_run_that_ended_goes_on_with_more_epochs(experiment, settings, tmp_path) -> None:
    train(experiment())
    before = read_lines(tmp_path / "run/metrics.jsonl")
    more = experiment(settings=replace(settings, epochs=9), resume=True)
    assert [epoch.epoch for epoch in train(more)] == [7, 8, 9]
    assert read_lines(tmp_path / "run/metrics.jsonl")[:6] == before
    assert "epochs = 9" in (tmp_path / "run/settings.toml").read_text()
    assert train(experiment(settings=replace(settings, epochs=9), resume=True)) == []


def test_a_run_that_refits_at_its_end_does_not_go_on_with_more_epochs(experiment, settings) -> None:
    refitting = replace(settings, refit=1)
    train(experiment(settings=refitting))
    with pytest.raises(UsageError, match="epochs was 6"):
        train(experiment(settings=replace(refitting, epochs=9), resume=True))


def test_a_folder_with_a_run_is_not_overwritten(experiment) -> None:
    train(experiment())
    with pytest.raises(UsageError, match="--resume"):
        train(experiment())


def test_a_run_is_not_resumed_with_other_settings(experiment, settings) -> None:
    train(experiment())
    with pytest.raises(UsageError, match="batch was 8"):
        train(experiment(settings=replace(settings, batch=4), resume=True))


def test_restarts_keep_the_seed_with_the_fewest_validation_errors(experiment, tmp_path) -> None:
    trained = experiment(restarts=3)
    train(trained)
    outcome = trained.finish()
    scores = [
        (card.record["validation"]["errors"], card.record["validation"]["loss"])
        for card in (read_card(tmp_path / f"run/seed-{s}/best.safetensors") for s in range(3))
    ]
    assert (outcome.validation.errors, outcome.validation.loss) == min(scores)
    assert outcome.card.record["seeds_tried"] == 3


def in_trial(settings: Settings, **more: object) -> Settings:
    """Of several seeds one goes on after two epochs."""
    return replace(settings, epochs=6, restart_epochs=2, **more)


def epochs_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in read_lines(folder / "metrics.jsonl")]


def test_after_their_trial_only_the_seed_with_the_fewest_validation_errors_goes_on(
    experiment, settings, tmp_path
) -> None:
    trained = experiment(settings=in_trial(settings), restarts=3)
    train(trained)
    seeds = [epochs_of(tmp_path / f"run/seed-{seed}") for seed in range(3)]
    trials = [[line["validation_error"] for line in lines[:2]] for lines in seeds]
    best = min(range(3), key=lambda seed: min(zip(trials[seed], (1, 2), strict=True)))
    assert [len(lines) for lines in seeds] == [6 if seed == best else 2 for seed in range(3)]
    record = trained.finish().card.record
    assert (record["settings"]["seed"], record["seeds_tried"]) == (best, 3)


def test_the_seed_that_went_on_is_kept_though_another_had_a_better_trial_than_its_end(
    experiment, settings, tmp_path, monkeypatch
) -> None:
    errors = iter([5, 5, 4, 4, 3, 3, 7, 7, 7, 7])  # two seeds' trials; the third's, then its end
    monkeypatch.setattr(
        "relmem_cli.training.loop.score",
        lambda *_: Score(errors=next(errors), n=8, loss=0.5),
    )
    trained = experiment(settings=in_trial(settings, refit=1), restarts=3)
    train(trained)
    monkeypatch.undo()
    record = trained.finish().card.record
    assert record["settings"]["seed"] == 2
    assert record["validation"]["errors"] == 7


def test_no_seed_is_tried_after_a_flawless_trial_whatever_comes_of_it(
    experiment, settings, tmp_path, monkeypatch
) -> None:
    errors = iter([1, 0, 2, 2, 2, 2])
    monkeypatch.setattr(
        "relmem_cli.training.loop.score",
        lambda *_: Score(errors=next(errors), n=8, loss=0.5),
    )
    train(experiment(settings=in_trial(settings, refit=1), restarts=3))
    assert [path.name for path in sorted((tmp_path / "run").glob("seed-*"))] == ["seed-0"]
    assert len(epochs_of(tmp_path / "run/seed-0")) == 7


@pytest.mark.parametrize("events", [5, 31, 45, 58])
def test_stopped_seeds_go_on_to_the_same_bits(experiment, settings, tmp_path, events: int) -> None:
    several = {"settings": in_trial(settings), "restarts": 3}
    whole = experiment("whole", **several)
    train(whole)
    stopped = experiment("stopped", **several).events()
    assert len(list(itertools.islice(stopped, events))) == events
    stopped.close()
    again = experiment("stopped", resume=True, **several)
    train(again)
    assert same_bits(whole.finish().model, again.finish().model)
    assert [path.name for path in sorted((tmp_path / "stopped").glob("seed-*"))] == [
        "seed-0", "seed-1", "seed-2",
    ]  # fmt: skip


@pytest.mark.parametrize("trial", [6, 100])
def test_a_trial_as_long_as_training_is_none(experiment, settings, tmp_path, trial: int) -> None:
    train(experiment(settings=replace(settings, restart_epochs=trial), restarts=2))
    assert [len(epochs_of(tmp_path / f"run/seed-{seed}")) for seed in (0, 1)] == [6, 6]


def test_early_stop_waits_for_patience_epochs(experiment, settings) -> None:
    epochs = train(experiment(settings=replace(settings, epochs=200, patience=3)))
    fewest = min(epoch.validation.errors for epoch in epochs)
    first = next(epoch.epoch for epoch in epochs if epoch.validation.errors == fewest)
    assert len(epochs) == first + 3 < 200


def test_no_seed_is_tried_after_one_without_a_validation_error(
    experiment, tmp_path, monkeypatch
) -> None:
    right = Score(errors=0, n=8, loss=0.5)
    monkeypatch.setattr("relmem_cli.training.loop.score", lambda *_: right)
    trained = experiment(restarts=3)
    train(trained)
    assert not (tmp_path / "run/seed-1").exists()
    assert trained.finish().validation == right


def test_a_loss_that_is_not_finite_stops_the_run_with_advice(experiment, settings) -> None:
    with pytest.raises(RelmemError, match="smaller learning_rate"):
        train(experiment(settings=replace(settings, learning_rate=1e11, clip=0)))


def test_every_batch_is_moved_to_the_models_device(experiment, monkeypatch) -> None:
    moved = []
    move = StoryBatch.to

    def note(batch: StoryBatch, device: torch.device) -> StoryBatch:
        moved.append(device)
        return move(batch, device)

    monkeypatch.setattr(StoryBatch, "to", note)
    events = experiment().events()
    steps = 0
    for _, event in events:
        if isinstance(event, Epoch):
            break
        steps += 1
    events.close()
    assert len(moved) > steps > 1  # the validation batches, then one for each step
    assert set(moved) == {torch.device("cpu")}


def refitted(experiment, settings, **more: object) -> tuple[Experiment, list[Epoch]]:
    trained = experiment(settings=replace(settings, epochs=4, refit=3, **more))
    return trained, train(trained)


def test_refitting_trains_on_the_held_out_questions_too_and_keeps_the_last_epoch(
    experiment, settings, tmp_path, monkeypatch
) -> None:
    read: list[int] = []
    step = Trainer._step
    monkeypatch.setattr(
        Trainer, "_step", lambda self, batch: read.append(len(batch.answers)) or step(self, batch)
    )
    trained, epochs = refitted(experiment, settings)
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
    experiment, settings
) -> None:
    trained, epochs = refitted(experiment, settings)
    assert {epoch.validation for epoch in epochs[4:]} == {epochs[3].validation}
    record = trained.finish().card.record
    assert record["validation"]["loss"] == epochs[3].validation.loss
    assert record["epoch"] == 7


def test_refitting_follows_where_patience_ends_and_its_rate_falls_from_half(
    experiment, settings
) -> None:
    _, epochs = refitted(experiment, settings, patience=1, learning_rate=1e-12, schedule="constant")
    assert [epoch.refit for epoch in epochs] == [False] * 2 + [True] * 3  # none learns anything
    rates = [epoch.learning_rate / 1e-12 for epoch in epochs[2:]]
    assert rates == pytest.approx([0.5, 0.375, 0.125])


@pytest.mark.parametrize("events", [31, 39, 58])
def test_a_stopped_run_goes_on_refitting_to_the_same_bits(
    experiment, settings, tmp_path, events: int
) -> None:
    settings = replace(settings, epochs=4, refit=3, drop_connect=0.2)
    check_resumed(experiment, tmp_path, events, settings=settings)
