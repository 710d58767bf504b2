import json
import os
from dataclasses import replace

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.plugins import registry
from relmem_cli.runs.ledger import open_ledger, read_results
from relmem_cli.runs.locks import sole_writer
from relmem_cli.runs.plan import begin, combine, drop_missing_folds
from relmem_cli.runs.watch import under_way
from relmem_cli.runs.worker import work
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.cards import read_card
from relmem_cli.training.checkpoints import read_tensors, save_model
from relmem_cli.training.settings import Settings


def names(several: list[Settings]) -> list[str]:
    return [settings.name for settings in several]


def test_every_combination_is_a_run_of_its_own() -> None:
    variants = [registry().variants[name] for name in ("entnet", "gru")]
    several = combine(variants, ["1", "2"], [0, 1], [0, 3], assignments=["dim=7"], epochs=9)
    assert len(set(names(several))) == len(several) == 16
    assert names(several)[:3] == ["entnet-1-fold0", "entnet-1-fold0-seed3", "entnet-1-fold1"]
    assert {settings.options["dim"] for settings in several} == {7}
    assert {settings.epochs for settings in several} == {9}


def test_a_variants_own_settings_go_after_what_is_asked_for() -> None:
    gru = replace(registry().variants["gru"], training={"epochs": 7, "batch": 3, "clip": 2.0})
    (own,) = combine([gru], ["1"], [0], [0], assignments=["batch=5"], clip=9.0)
    assert (own.epochs, own.batch, own.clip) == (7, 5, 9.0)


def test_an_option_that_one_variant_lacks_is_refused() -> None:
    variants = [registry().variants[name] for name in ("entnet", "gru")]
    with pytest.raises(UsageError, match="gru has no such setting"):
        combine(variants, ["1"], [0], [0], assignments=["slots=3"])


def test_what_is_assigned_goes_before_what_is_usual() -> None:
    variants = [registry().variants[name] for name in ("multi-hop", "gru")]
    multi, gru = combine(
        variants,
        ["1"],
        [0],
        [0],
        assignments=["batch=8", "dim=9"],
        usual={"hops": 3, "dim": 5},
        batch=16,
        clip=1.0,
    )
    assert (multi.options["hops"], multi.options["dim"], gru.options) == (3, 9, {"dim": 9})
    assert (multi.batch, multi.clip) == (8, 1.0)


def folds(tasks: list[str], wanted: range, source: BabiFolder) -> tuple[list[str], list[str]]:
    several = [Settings(variant="gru", task=task, fold=fold) for task in tasks for fold in wanted]
    kept, notes = drop_missing_folds(several, source)
    return names(kept), notes


def test_folds_that_a_task_lacks_are_left_out_and_said(babi) -> None:
    source = BabiFolder(name="en", path=babi / "en")
    kept, notes = folds(["2", "3"], range(9, 12), source)
    assert kept == ["gru-2-fold9"]
    assert notes == [
        "left out folds 10, 11: task 2 has folds 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "left out folds 9, 10, 11: task 3 has fold 0",
    ]


def test_one_fold_alone_is_not_left_out(babi) -> None:
    source = BabiFolder(name="en", path=babi / "en")
    assert folds(["3"], range(4, 5), source) == (["gru-3-fold4"], [])


def test_a_grid_without_any_run_is_refused(tiny_tasks) -> None:
    with pytest.raises(UsageError, match="nothing to train"):
        folds(["1"], range(5, 7), BabiFolder(name="tiny", path=tiny_tasks))


def test_a_task_without_a_file_is_left_to_its_run(tiny_tasks) -> None:
    kept, notes = folds(["9"], range(2), BabiFolder(name="tiny", path=tiny_tasks))
    assert len(kept) == 2
    assert not notes


def test_a_grid_whose_folders_hold_runs_begins_only_to_resume_them(make_job) -> None:
    done, new = make_job(task="1"), make_job(task="2")
    result = work(done)
    with pytest.raises(UsageError, match=r"1 of these 2 runs \(gru-1-tiny\); add --resume"):
        begin([done, new], resume=False)
    assert not new.folder.exists()
    left, over = begin([done, new], resume=True)
    assert left == [new]
    assert over == [result]


def test_a_grid_is_not_resumed_with_other_settings(make_job) -> None:
    work(make_job())
    with pytest.raises(UsageError, match="other settings"):
        begin([make_job(epochs=3)], resume=True)


def test_a_run_with_more_epochs_to_go_is_not_over(make_job) -> None:
    work(make_job())
    more = make_job(epochs=5)
    assert begin([more], resume=True) == ([more], [])
    assert len(work(more).curve) == 5


def test_a_grid_is_not_resumed_with_other_data(make_job, tiny_tasks) -> None:
    work(make_job())
    file = tiny_tasks / "qa1_tiny_train.txt"
    file.write_text(file.read_text().replace("went", "ran"))
    with pytest.raises(UsageError, match="trained on other data"):
        begin([make_job()], resume=True)


def test_a_run_that_was_not_tested_is_not_over(make_job) -> None:
    job = make_job()
    work(job)
    card = read_card(job.model)
    _, tensors = read_tensors(job.model)
    untested = {key: value for key, value in card.record.items() if key != "test"}
    save_model(job.model, tensors, replace(card, record=untested))
    assert begin([job], resume=True) == ([job], [])
    job.model.write_bytes(b"torn")
    assert begin([job], resume=True) == ([job], [])


def test_more_restarts_than_were_tried_are_still_to_do(make_job) -> None:
    job = replace(make_job(), restarts=2)
    work(job)
    assert begin([job], resume=True)[0] == []
    more = replace(job, restarts=3)
    assert begin([more], resume=True)[0] == [more]


def test_seeds_left_after_their_trials_are_over(make_job) -> None:
    job = replace(make_job(restart_epochs=2), restarts=2)
    work(job)
    assert begin([job], resume=True)[0] == []
    flawless = job.folder / "seed-0" / "metrics.jsonl"
    more = replace(job, restarts=3)
    assert begin([more], resume=True)[0] == [more]
    epoch = {"epoch": 1, "loss": 0.1, "validation_error": 0.0, "seconds": 0.1}
    flawless.write_text(json.dumps(epoch) + "\n")
    assert begin([more], resume=True)[0] == []


def test_results_are_kept_beside_those_of_other_grids_and_mended_failures_go(
    make_job, tmp_path
) -> None:
    path = tmp_path / "results.jsonl"
    jobs = [make_job(task=task) for task in "789"]
    failed = [work(job) for job in jobs]
    assert all("is missing" in (record.failure or "") for record in failed)
    with open_ledger(path, "tmp", {}) as ledger:
        ledger.begin({})
        ledger.add(failed[0])
        ledger.add(failed[1])
    path.write_text(path.read_text() + '{"run": "torn')
    mended = replace(failed[1], failure=None, test_errors=3, test_n=1000)
    with open_ledger(path, "tmp", {}) as ledger:
        ledger.begin({})
        ledger.add_missing([mended, failed[2]])
        ledger.add_missing([mended])
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["run"] for row in rows if "run" in row] == [
        job.folder.name for job in (jobs[0], jobs[1], jobs[1], jobs[2])
    ]
    read = read_results([path]).rows
    assert [(row.task, bool(row.failure)) for row in read] == [(7, True), (8, False), (9, True)]


def test_a_run_under_way_stands_where_its_metrics_say(make_job) -> None:
    job = replace(make_job(epochs=10), restarts=2)
    assert list(under_way([job])) == []
    with sole_writer(job, lambda: False):
        (standing,) = under_way([job])
        assert (standing.seed, standing.epoch, standing.done) == (0, 0, 0.0)
        (job.folder / "seed-1").mkdir()
        lines = [json.dumps({"epoch": epoch, "validation_error": 1 / epoch}) for epoch in (1, 2)]
        (job.folder / "seed-1" / "metrics.jsonl").write_text("\n".join(lines) + '\n{"epo')
        (standing,) = under_way([job, make_job(task="2")])
        assert (standing.seed, standing.epoch, standing.validation_error) == (1, 2, 0.5)
        assert standing.done == pytest.approx(12 / 20)


def test_a_seed_that_goes_on_stands_after_all_trials(make_job) -> None:
    job = replace(make_job(epochs=10, restart_epochs=2), restarts=3)
    ways = [(0, 2, 2 / 14), (2, 1, 5 / 14), (1, 5, 9 / 14)]  # two others' trials, one to its end
    with sole_writer(job, lambda: False):
        for when, (seed, epoch, done) in enumerate(ways):
            metrics = job.folder / f"seed-{seed}" / "metrics.jsonl"
            metrics.parent.mkdir(parents=True)
            metrics.write_text(json.dumps({"epoch": epoch, "validation_error": 0.5}) + "\n")
            os.utime(metrics, (1 + when, 1 + when))
            (standing,) = under_way([job])
            assert (standing.seed, standing.epoch) == (seed, epoch)
            assert standing.done == pytest.approx(done)
            assert standing.end == (10 if seed == 1 else 2)
