import json
from dataclasses import replace

import pytest
from safetensors.torch import save

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.training.checkpoints import read_tensors
from relmem_cli.training.loop import Epoch
from tests.runs.running import check_resumed, read_lines, train


def test_a_run_that_was_killed_before_it_saved_starts_again(make_run, tmp_path) -> None:
    events = make_run().events()
    while not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    (tmp_path / "run/last.safetensors").unlink()
    train(make_run(resume=True))
    lines = read_lines(tmp_path / "run/metrics.jsonl")
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]


def test_what_a_run_cannot_go_on_with_is_told_in_a_line(make_run, settings, tmp_path) -> None:
    train(make_run("other", settings=replace(settings, options={"slots": 3, "dim": 5})))
    events = make_run().events()
    while not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    other = (tmp_path / "other/last.safetensors").read_bytes()
    (tmp_path / "run/last.safetensors").write_bytes(other)
    with pytest.raises(RelmemError, match=r"does not fit this run \(keys is F32 .* more do not"):
        train(make_run(resume=True))


def test_a_run_of_a_relmem_with_other_models_is_not_resumed(make_run, tmp_path) -> None:
    events = make_run().events()
    while not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    last = tmp_path / "run/last.safetensors"
    progress, tensors = read_tensors(last)
    last.write_bytes(save(tensors, progress | {"format": "relmem-model-1"}))
    with pytest.raises(RelmemError, match="saved by another relmem"):
        train(make_run(resume=True))


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
    make_run, source, before: str, after: str, changed: str, *, ended: bool
) -> None:
    events = make_run().events()
    while next(events, None) if ended else not isinstance(next(events)[1], Epoch):
        pass
    events.close()
    file = source.path / "qa1_tiny_train.txt"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))
    with pytest.raises(UsageError, match=f"trained on other data .*{changed}.*--out"):
        train(make_run(resume=True))


@pytest.mark.parametrize("name", ["best.safetensors", "last.safetensors"])
def test_a_damaged_file_of_a_run_says_what_to_do(make_run, tmp_path, name: str) -> None:
    train(make_run())
    (tmp_path / "run" / name).write_bytes(b"torn")
    with pytest.raises(RelmemError, match=f"{name} is not a whole .*Delete .* to begin it anew"):
        train(make_run(resume=True))


@pytest.fixture
def enough(source) -> None:
    """The tiny world's training stories often enough to show roles."""
    file = source.path / "qa1_tiny_train.txt"
    file.write_text(file.read_text() * 3)


@pytest.mark.parametrize("events", [1, 11, 30, 41])
def test_a_stopped_run_goes_on_to_the_same_bits(make_run, tmp_path, events: int) -> None:
    assert check_resumed(make_run, tmp_path, events).renaming is None


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize("events", [1, 11, 30, 41])
def test_a_stopped_run_goes_on_renaming_to_the_same_bits(
    make_run, settings, tmp_path, events: int
) -> None:
    settings = replace(settings, rename="auto", rename_after=2)
    renaming = check_resumed(make_run, tmp_path, events, settings=settings).renaming
    assert renaming is not None
    assert renaming.roles[1]


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize(("events", "dim"), [(11, 12), (40, 12), (40, 48)])
def test_a_stopped_run_goes_on_drawing_to_the_same_bits(
    make_run, settings, tmp_path, events: int, dim: int
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
    renaming = check_resumed(make_run, tmp_path, events, settings=settings).renaming
    assert renaming is not None
    assert renaming.roles[1]


@pytest.mark.parametrize("events", [11, 30])
def test_a_stopped_run_goes_on_dropping_weights_to_the_same_bits(
    make_run, settings, tmp_path, events: int
) -> None:
    settings = replace(settings, drop_connect=0.3, drop_from="encoder.words,keys")
    check_resumed(make_run, tmp_path, events, settings=settings)


def test_an_interrupt_leaves_the_last_finished_epoch(make_run, tmp_path) -> None:
    events = make_run().events()
    for _, event in events:
        if isinstance(event, Epoch) and event.epoch == 2:
            break
    next(events)
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt())
    progress, _ = read_tensors(tmp_path / "run/last.safetensors")
    assert progress["epoch"] == "2"


def test_a_run_that_ended_goes_on_with_more_epochs(make_run, settings, tmp_path) -> None:
    train(make_run())
    before = read_lines(tmp_path / "run/metrics.jsonl")
    more = make_run(settings=replace(settings, epochs=9), resume=True)
    assert [epoch.epoch for epoch in train(more)] == [7, 8, 9]
    assert read_lines(tmp_path / "run/metrics.jsonl")[:6] == before
    assert "epochs = 9" in (tmp_path / "run/settings.toml").read_text()
    assert train(make_run(settings=replace(settings, epochs=9), resume=True)) == []


def test_a_folder_with_a_run_is_not_overwritten(make_run) -> None:
    train(make_run())
    with pytest.raises(UsageError, match="--resume"):
        train(make_run())


def test_a_run_is_not_resumed_with_other_settings(make_run, settings) -> None:
    train(make_run())
    with pytest.raises(UsageError, match="batch was 8"):
        train(make_run(settings=replace(settings, batch=4), resume=True))
