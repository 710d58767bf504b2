import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from relmem_cli.paths import runs_folder
from relmem_cli.plugins import registry
from relmem_cli.stories.babi import read_babi
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of
from relmem_cli.training.cards import ModelCard, parse_card
from relmem_cli.training.checkpoints import load_model, read_tensors, save_model
from relmem_cli.training.settings import Settings

Relmem = Callable[..., Any]

TEST_1 = """1 Ann ran to the barn.
2 Bob ran to the well.
3 Where is Ann?\tbarn\t1
4 Ann ran to the well.
5 Where is Ann?\twell\t4
1 Bob ran to the barn.
2 Where is Bob?\tbarn\t1
"""

TEST_2 = """1 Bob has the cup.
2 Who has the cup?\tBob\t1
"""

OPTIONS = {"slots": 3, "dim": 4}


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive with the files of tasks 1 and 2 in en, and task 1 in other words in hn."""
    root = tmp_path / "tasks_1-20_v1-2"
    for folder, name, text in (
        ("en", "qa1_single-supporting-fact", TEST_1),
        ("en", "qa2_two-supporting-facts", TEST_2),
        ("hn", "qa1_single-supporting-fact", TEST_1.replace("Ann", "Sita").replace("well", "kua")),
    ):
        for split in ("train", "test"):
            path = root / folder / f"{name}_{split}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    monkeypatch.setenv("RELMEM_DATA", str(root))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("relmem_cli.library.shipped_models", lambda: tmp_path / "none")
    return root


def a_model(
    archive: Path,
    name: str,
    *,
    seed: int = 0,
    record: dict[str, Any] | None = None,
    **settings: Any,
) -> Path:
    """A model with random weights in the user's runs, that knows the words of en's two tasks."""
    stories = [
        story for path in sorted((archive / "en").glob("*_train.txt")) for story in read_babi(path)
    ]
    vocabulary = Vocabulary.of(stories)
    sizes = sizes_of(vocabulary, stories)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = registry().variants["entnet"].build(sizes, OPTIONS)
    resolved = Settings(variant="entnet", options=OPTIONS, **{"task": "1", **settings})
    card = ModelCard(
        variant="entnet",
        options=OPTIONS,
        sizes=sizes,
        vocabulary=vocabulary,
        record={"settings": asdict(resolved)} if record is None else record,
    )
    path = runs_folder() / name / "best.safetensors"
    save_model(path, model.state_dict(), card)
    return path


def answers_one_by_one(path: Path, stories: list[Story]) -> list[bool]:
    """Whether each answer is right, told a sentence at a time as chat does."""
    trained = load_model(path, registry().variants, torch.device("cpu"))
    model, vocabulary = trained.model, trained.vocabulary
    right = []
    for story in stories:
        for question in story.questions:
            state = model.begin(1)
            for sentence in story.sentences[: question.position]:
                tokens = vocabulary.encode(sentence, model.sizes.sentence_length)
                state = model.read(state, torch.tensor([tokens]))
            tokens = vocabulary.encode(question.text, model.sizes.question_length)
            best = model.answer(state, torch.tensor([tokens])).argmax().item()
            right.append(vocabulary.items[int(best)] == question.answer)
    return right


def test_a_model_whose_answers_are_no_numbers_has_no_error(relmem: Relmem, archive: Path) -> None:
    path = a_model(archive, "overflown")
    metadata, tensors = read_tensors(path)
    save_model(
        path, {name: 0 * one + 1e14 for name, one in tensors.items()}, parse_card(path, metadata)
    )
    done = relmem("eval", "overflown")
    assert (done.code, done.out) == (1, "")
    assert "relmem: 3 of 3 answers of variant entnet are no numbers" in done.err


def test_errors_and_samples_are_those_of_the_answers_one_by_one(
    relmem: Relmem, archive: Path, tmp_path: Path
) -> None:
    stories = read_babi(archive / "en" / "qa1_single-supporting-fact_test.txt")
    paths = {f"seed-{seed}": a_model(archive, f"seed-{seed}", seed=seed) for seed in range(10)}
    expected = {name: answers_one_by_one(path, stories) for name, path in paths.items()}
    assert any(map(any, expected.values()))
    file = tmp_path / "samples.jsonl"
    rows = json.loads(relmem("eval", *paths, "--samples", str(file), "-f", "json").out)
    samples = [json.loads(line) for line in file.read_text().splitlines()]
    for row in rows:
        right = expected[row["model"]]
        assert (row["errors"], row["n"]) == (right.count(False), 3)
        assert [s["correct"] for s in samples if s["model"] == row["model"]] == right


def test_json_rows_have_fractions_and_exactly_these_fields(relmem: Relmem, archive: Path) -> None:
    a_model(archive, "mine")
    (row,) = json.loads(relmem("eval", "mine", "--format", "json").out)
    assert list(row) == ["task", "model", "variant", "errors", "n", "error", "low", "high"]
    assert (row["task"], row["model"], row["variant"]) == (1, "mine", "entnet")
    assert row["error"] == row["errors"] / row["n"]
    assert 0 <= row["low"] <= row["error"] <= row["high"] <= 1


def test_csv_has_a_row_for_each_model_and_task(relmem: Relmem, archive: Path) -> None:
    a_model(archive, "one")
    a_model(archive, "another", task="2")
    ran = relmem("eval", "one", "another", "--task", "1-2", "--format", "csv")
    rows = [(row["model"], row["task"]) for row in csv.DictReader(io.StringIO(ran.out))]
    assert rows == [("one", "1"), ("one", "2"), ("another", "1"), ("another", "2")]


def test_a_joint_model_is_tested_on_all_tasks_and_missing_files_are_said(
    relmem: Relmem, archive: Path
) -> None:
    a_model(archive, "all", task="joint")
    ran = relmem("eval", "all", "--format", "json")
    assert ran.code == 0
    assert [row["task"] for row in json.loads(ran.out)] == [1, 2]
    assert ran.err.count("relmem: left out: ") == 18


def test_models_of_several_tasks_make_one_column_with_their_mean(
    relmem: Relmem, archive: Path
) -> None:
    a_model(archive, "first", task="1")
    a_model(archive, "second", task="2")
    out = relmem("eval", "first", "second", "--format", "md").out
    rows = json.loads(relmem("eval", "first", "second", "--format", "json").out)
    mean = sum(row["error"] for row in rows) / 2
    assert f"| mean |  |  | {mean:.1%} |" in out
    assert f"| failed |  |  | {sum(row['error'] > 0.05 for row in rows)} of 2 |" in out


def test_models_of_one_task_stand_side_by_side(relmem: Relmem, archive: Path) -> None:
    a_model(archive, "one")
    a_model(archive, "another")
    header = relmem("eval", "one", "another", "--format", "md").out.splitlines()[0]
    assert header == "| task | one | 95% | paper | another | 95% |"


def test_a_pattern_names_all_models_like_it(relmem: Relmem, archive: Path) -> None:
    for name in ("small-1", "small-2", "other"):
        a_model(archive, name)
    rows = json.loads(relmem("eval", "small-*", "small-1", "--format", "json").out)
    assert [row["model"] for row in rows] == ["small-1", "small-2"]


def test_a_model_trained_on_a_10k_set_is_tested_on_the_test_files_that_both_sizes_share(
    relmem: Relmem, archive: Path
) -> None:
    a_model(archive, "mine", data="en-10k")
    assert relmem("eval", "mine").code == 0


def test_words_that_a_model_does_not_know_are_counted_on_stderr(
    relmem: Relmem, archive: Path
) -> None:
    a_model(archive, "mine")
    ran = relmem("eval", "mine", "--data", "hn", "--format", "json")
    assert json.loads(ran.out)[0]["errors"] >= 1
    assert "2 of 11 words are read as blanks (kua, sita)" in ran.err
    assert "1 of 3 right answers cannot be given and count as errors" in ran.err


def test_words_that_are_all_known_are_not_mentioned(relmem: Relmem, archive: Path) -> None:
    a_model(archive, "mine")
    assert relmem("eval", "mine").err == ""


def test_samples_hold_every_question_with_its_answer(
    relmem: Relmem, archive: Path, tmp_path: Path
) -> None:
    a_model(archive, "mine")
    file = tmp_path / "new folder" / "samples.jsonl"
    assert "wrote 3 answers to" in relmem("eval", "mine", "--samples", str(file)).err
    samples = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(s["story"], s["right"]) for s in samples] == [(0, "barn"), (0, "well"), (1, "barn")]
    assert samples[0]["question"] == "where is ann ?"
    assert list(samples[0]) == [
        "model", "task", "story", "question", "answer", "right", "correct", "probability",
        "alternatives",
    ]  # fmt: skip


def test_probabilities_of_a_sample_fall_and_sum_to_at_most_one(
    relmem: Relmem, archive: Path, tmp_path: Path
) -> None:
    a_model(archive, "mine")
    relmem("eval", "mine", "--samples", str(tmp_path / "s.jsonl"))
    for line in (tmp_path / "s.jsonl").read_text().splitlines():
        sample = json.loads(line)
        falling = [sample["probability"], *(a["probability"] for a in sample["alternatives"])]
        assert falling == sorted(falling, reverse=True)
        assert 0 < sum(falling) <= 1 + 1e-6
        assert sample["answer"] not in [a["answer"] for a in sample["alternatives"]]


def test_a_sample_of_a_story_that_was_cut_names_its_place_in_the_file(
    relmem: Relmem, archive: Path, tmp_path: Path
) -> None:
    a_model(archive, "mine", cap=1)
    relmem("eval", "mine", "--samples", str(tmp_path / "s.jsonl"))
    stories = [
        json.loads(line)["story"] for line in (tmp_path / "s.jsonl").read_text().splitlines()
    ]
    assert stories == [0, 0, 1]


def test_samples_that_cannot_be_written_are_one_sentence(
    relmem: Relmem, archive: Path, tmp_path: Path
) -> None:
    a_model(archive, "mine")
    (tmp_path / "file").touch()
    ran = relmem("eval", "mine", "--samples", str(tmp_path / "file" / "s.jsonl"))
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "s.jsonl cannot be written" in ran.err


def test_without_data_one_sentence_says_how_to_get_it(
    relmem: Relmem, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_model(archive, "mine")
    monkeypatch.delenv("RELMEM_DATA")
    ran = relmem("eval", "mine")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "run `relmem data fetch`" in ran.err


def test_a_task_that_the_data_lacks_is_an_error_where_it_is_the_only_one(
    relmem: Relmem, archive: Path
) -> None:
    a_model(archive, "mine", task="9")
    ran = relmem("eval", "mine")
    assert ran.code == 1
    assert "qa9_simple-negation_test.txt is missing" in ran.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody",), "there is no model 'nobody'"),
        (("nobody-*",), "no model is named like 'nobody-*'"),
        (("mine", "--task", "0"), "task '0' names no bAbI task"),
        (("mine", "--data", "nowhere"), "--data 'nowhere' is neither"),
        (("mine", "--samples", "."), "--samples . is a folder"),
        (("mine", "--device", "abacus"), "there is no device 'abacus'"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(
    relmem: Relmem, archive: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    a_model(archive, "mine")
    ran = relmem("eval", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert complaint in ran.err


def test_a_model_that_does_not_say_its_training_needs_task_and_data(
    relmem: Relmem, archive: Path
) -> None:
    a_model(archive, "stranger", record={})
    assert "name it with --data" in relmem("eval", "stranger", "--task", "1").err
    assert "name it with --task" in relmem("eval", "stranger", "--data", "en").err
    assert relmem("eval", "stranger", "--task", "1", "--data", "en").code == 0


def test_real_test_files_hold_one_answer_that_their_train_files_lack(
    relmem: Relmem, babi: Path, monkeypatch: pytest.MonkeyPatch, archive: Path
) -> None:
    stories = read_babi(next((babi / "en").glob("qa8_*_train.txt")))
    vocabulary = Vocabulary.of(stories)
    sizes = sizes_of(vocabulary, stories)
    model = registry().variants["entnet"].build(sizes, OPTIONS)
    card = ModelCard(
        variant="entnet",
        options=OPTIONS,
        sizes=sizes,
        vocabulary=vocabulary,
        record={"settings": asdict(Settings(variant="entnet", task="8"))},
    )
    save_model(runs_folder() / "eight" / "best.safetensors", model.state_dict(), card)
    monkeypatch.setenv("RELMEM_DATA", str(babi))
    ran = relmem("eval", "eight", "--format", "json")
    assert json.loads(ran.out)[0]["n"] == 1000
    assert "1 of 1,000 right answers cannot be given and count as errors" in ran.err
