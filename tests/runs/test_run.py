import copy
import json
import math
from dataclasses import replace

import pytest
import torch

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.follows import follows
from relmem_cli.stories.tasks import load_training
from relmem_cli.training.cards import read_card
from relmem_cli.training.loop import Epoch, Trainer
from relmem_cli.training.settings import Settings
from tests.runs.running import read_lines, same_bits, train


def test_training_learns_a_tiny_world(make_run, settings: Settings) -> None:
    larger = {"slots": 4, "dim": 24}
    trained = make_run(settings=replace(settings, epochs=60, patience=60, options=larger))
    epochs = train(trained)
    assert epochs[-1].loss < epochs[0].loss / 3
    assert trained.finish().test_error < 0.3


def test_a_run_leaves_settings_metrics_best_and_last(make_run, settings, tmp_path) -> None:
    epochs = train(make_run())
    folder = tmp_path / "run"
    assert Settings.from_toml((folder / "settings.toml").read_text()) == settings
    lines = [json.loads(line) for line in read_lines(folder / "metrics.jsonl")]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[2]["validation_error"] == epochs[2].validation.error
    assert read_card(folder / "best.safetensors").variant == "entnet"
    assert (folder / "last.safetensors").exists()


def test_the_best_model_is_the_epoch_with_the_fewest_validation_errors(make_run) -> None:
    trained = make_run()
    epochs = train(trained)
    best = min(epochs, key=lambda e: (e.validation.errors, e.validation.loss))
    record = trained.finish()
    assert record.epoch == best.epoch
    assert record.validation_errors == best.validation.errors


def test_the_record_tells_which_words_follow_which_in_the_training_stories(make_run) -> None:
    trained = make_run()
    train(trained)
    trained.finish()
    assert read_card(trained.job.model).record["follows"] == follows(trained.data.train)
    assert follows(trained.data.train)


def test_the_test_stories_are_not_read_before_training_has_ended(make_run, source) -> None:
    (source.path / "qa1_tiny_test.txt").write_text("not bAbI\n")
    trained = make_run()
    train(trained)
    with pytest.raises(RelmemError, match="qa1_tiny_test.txt:1"):
        trained.finish()


def test_a_missing_test_file_is_said_before_anything_is_written(make_run, source, tmp_path) -> None:
    (source.path / "qa1_tiny_test.txt").unlink()
    with pytest.raises(RelmemError, match="test.txt is missing"):
        train(make_run())
    assert not (tmp_path / "run").exists()


def test_a_test_file_without_a_question_is_said(make_run, source) -> None:
    (source.path / "qa1_tiny_test.txt").write_text("1 Ann left.\n")
    trained = make_run()
    train(trained)
    with pytest.raises(RelmemError, match="ask no question"):
        trained.finish()


def test_stories_without_questions_are_no_part_of_training(make_run, source) -> None:
    with (source.path / "qa1_tiny_train.txt").open("a") as file:
        file.write("1 Zoe went to the moon.\n" * 40)
    trained = make_run()
    assert all(math.isfinite(epoch.loss) for epoch in train(trained))
    assert "zoe" in trained.data.vocabulary


def test_a_plugins_variant_trains_like_a_built_in_one(make_run, settings) -> None:
    trained = make_run(settings=replace(settings, variant="gru", options={"dim": 8}))
    epochs = train(trained)
    assert epochs[-1].loss < epochs[0].loss
    assert trained.finish().variant == "gru"


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(make_run, settings, tmp_path):
    for name in ("one", "two"):
        train(make_run(name))
    train(make_run("three", settings=replace(settings, seed=1)))
    assert same_bits(tmp_path / "one/last.safetensors", tmp_path / "two/last.safetensors")
    assert not same_bits(tmp_path / "one/last.safetensors", tmp_path / "three/last.safetensors")


def test_dropping_weights_changes_what_is_learned(make_run, settings, tmp_path) -> None:
    for name, share in (("with", 0.3), ("without", 0.0)):
        train(make_run(name, settings=replace(settings, drop_connect=share)))
    assert not same_bits(tmp_path / "with/last.safetensors", tmp_path / "without/last.safetensors")


def test_weights_that_the_model_has_not_are_refused_before_anything_is_written(
    make_run, settings, tmp_path
) -> None:
    settings = replace(settings, drop_connect=0.3, drop_from="embedding")
    with pytest.raises(UsageError, match="no weights 'embedding'"):
        train(make_run(settings=settings))
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


def test_questions_are_shuffled_one_by_one_and_learned_as_with_their_stories(
    entnet, settings, source, monkeypatch
) -> None:
    data = load_training(source, "1")
    model = entnet.build(data.sizes, dict(settings.options))
    seen: dict[str, list[tuple[int, int]]] = {"stories": [], "questions": []}
    losses = {}
    for shuffle, steps in seen.items():
        chosen = replace(settings, shuffle=shuffle, batch=4, learning_rate=1e-12)
        trainer = Trainer(model=copy.deepcopy(model), data=data, settings=chosen)

        def step(batch, steps=steps, trainer=trainer):
            steps.append((len(batch.sentences), len(batch.answers)))
            return trainer._step(batch)

        monkeypatch.setattr(trainer, "_learn", step)
        losses[shuffle] = list(trainer.run(until=1))[-1].loss
    assert all(stories < questions for stories, questions in seen["stories"])
    assert all(stories == questions <= 4 for stories, questions in seen["questions"])
    assert losses["stories"] == pytest.approx(losses["questions"], rel=1e-5)


def test_early_stop_waits_for_patience_epochs(make_run, settings) -> None:
    epochs = train(make_run(settings=replace(settings, epochs=200, patience=3)))
    fewest = min(epoch.validation.errors for epoch in epochs)
    first = next(epoch.epoch for epoch in epochs if epoch.validation.errors == fewest)
    assert len(epochs) == first + 3 < 200


def test_a_loss_that_is_not_finite_stops_the_run_with_advice(make_run, settings) -> None:
    with pytest.raises(RelmemError, match="smaller learning_rate"):
        train(make_run(settings=replace(settings, learning_rate=1e11, clip=0)))


def test_every_batch_is_moved_to_the_models_device(make_run, monkeypatch) -> None:
    moved = []
    move = StoryBatch.to

    def note(batch: StoryBatch, device: torch.device) -> StoryBatch:
        moved.append(device)
        return move(batch, device)

    monkeypatch.setattr(StoryBatch, "to", note)
    events = make_run().events()
    steps = 0
    for _, event in events:
        if isinstance(event, Epoch):
            break
        steps += 1
    events.close()
    assert len(moved) > steps > 1  # the validation batches, then one for each step
    assert set(moved) == {torch.device("cpu")}
