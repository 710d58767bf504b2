"""Any variant trains on stories whose names, places and things are open words."""

from pathlib import Path

import numpy as np
import pytest
import torch

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.errors import UsageError
from relmem_cli.plugins import registry
from relmem_cli.runs.job import Job
from relmem_cli.runs.run import Run
from relmem_cli.stories.batch import encode_stories, encode_story
from relmem_cli.stories.vocabulary import END, OTHER_VERB
from relmem_cli.training.checkpoints import load_model
from relmem_cli.training.evaluation import in_words, samples, score_stories
from relmem_cli.training.renaming import OpenRenaming
from relmem_cli.training.settings import OPEN_WORDS, Settings
from relmem_cli.world.open_vocabulary import open_words

WORLD = "world:mixture,words=everyday,style=everyday,questions=120"


def make_run(variant: str, folder: Path, **more: object) -> Run:
    usual = {"task": "mixture", "epochs": 1, "words": "open", "learning_rate": 0.002}
    settings = Settings(variant=variant, **{"data": WORLD, **usual, **more})
    return Run(Job(settings=settings, source=None, folder=folder, device="cpu"))


def told(reader: Reader, *lines: str) -> object:
    state = reader.begin()
    for line in lines:
        for said in parsed(reader, line):
            state = reader.read(state, said)
    return state


def parsed(reader: Reader, line: str) -> list[Utterance]:
    found = parse_typed(line, reader.vocabulary)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("variant", ["open-transformer", "entnet"])
def test_a_variant_learns_and_answers_about_words_that_it_never_saw(
    variant: str, tmp_path: Path
) -> None:
    training = make_run(
        variant,
        tmp_path / "run",
        options={"dim": 24, "heads": 3}
        if variant == "open-transformer"
        else {"dim": 12, "slots": 4},
    )
    for _ in training.events():
        pass
    assert training.finish().test_n > 50
    trained = load_model(training.job.model, registry().variants, torch.device("cpu"))
    assert trained.card.sizes.words == "open"
    reader = Reader(trained, name="fresh")
    state = told(reader, "Zorblax drove to the xylotheque.", "Then he took Quimby's flugelhorn.")
    (question,) = parsed(reader, "where is zorblax")
    assert question.kind is UtteranceKind.question
    answer = reader.answer(state, question)
    allowed = {"zorblax", "xylotheque", "quimby", "quimby's flugelhorn", "i"}
    known = reader.vocabulary.answers | allowed
    assert set(answer.answer.split(",")) - {""} <= known
    assert 0 <= answer.probability <= 1
    assert all(item in known for item, _ in answer.alternatives)


@pytest.mark.parametrize("variant", ["open-transformer", "entnet"])
def test_a_model_that_is_given_more_words_says_the_same_of_those_that_it_knew(
    variant: str, tmp_path: Path
) -> None:
    small = {"dim": 24, "heads": 3} if variant == "open-transformer" else {"dim": 12, "slots": 4}
    first = make_run(variant, tmp_path / "first", options=small)
    for _ in first.events():
        pass
    first.finish()
    more = make_run(
        variant,
        tmp_path / "more",
        options=small,
        begin=str(first.job.model),
        learning_rate=1e-9,
        data="world:mixture,words=everyday,style=varied,questions=300,seed=4",
    )
    assert len(more.data.vocabulary) > len(first.data.vocabulary)
    for _ in more.events():
        pass
    more.finish()
    closed_words = first.data.vocabulary.closed
    logits = []
    for run in (first, more):
        data = run.data
        model = load_model(run.job.model, registry().variants, torch.device("cpu")).model
        with torch.inference_mode():
            answered = model(encode_stories(first.data.validation, data.vocabulary, data.sizes))
        closed = data.vocabulary.closed
        known = [data.vocabulary.ids[item] for item in first.data.vocabulary.items[1:closed_words]]
        logits.append(torch.cat([answered[:, known], answered[:, closed:]], dim=1))
    was, now = logits
    assert torch.allclose(was, now, atol=1e-4)


def test_open_words_have_other_ids_in_every_epoch_and_closed_ones_the_same() -> None:
    data = make_run("open-transformer", Path("unused")).data
    story = encode_story(data.train[0], data.vocabulary, data.sizes)
    renaming = OpenRenaming(data.vocabulary, OPEN_WORDS)
    closed = data.vocabulary.closed
    seen = [renaming.stories([story], seed=0, epoch=epoch)[0] for epoch in range(60)]
    other = data.vocabulary.ids[OTHER_VERB]
    for renamed in seen:
        was, now = story.sentences, renamed.sentences
        kept = (was < closed) & (now != other)
        assert np.array_equal(was[kept], now[kept])
        pairs = set(zip(was[was >= closed].tolist(), now[was >= closed].tolist(), strict=True))
        assert len({one for one, _ in pairs}) == len({two for _, two in pairs}) == len(pairs)
    assert any((one.sentences != seen[0].sentences).any() for one in seen)
    assert any((one.sentences == other).any() for one in seen)
    again = renaming.stories([story], seed=0, epoch=3)[0]
    assert np.array_equal(again.sentences, seen[3].sentences)


def test_an_answer_in_words_is_right_only_as_a_whole() -> None:
    data = make_run("open-transformer", Path("unused")).data
    model = registry().variants["open-transformer"].build(data.sizes, {"dim": 24, "heads": 3})
    model.eval()
    batch = encode_stories(data.train[:3], data.vocabulary, data.sizes)
    spelled = in_words(model, batch)
    assert spelled is not None
    assert len(spelled.words) == len(batch.questions)
    assert ((spelled.probability > 0) & (spelled.probability <= 1)).all()
    found = score_stories(model, data.train[:3], data.vocabulary)
    right = sum(sample.right for sample in samples(model, data.train[:3], data.vocabulary))
    assert found.errors == found.n - right


def test_what_means_something_is_no_open_word() -> None:
    names = open_words()
    assert {"football", "library", "mole", "sandra"} <= names
    assert not names & {"tired", "bored", "kitchen", "the", "of", "go", "north", "my"}


def test_renaming_by_roles_and_open_words_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="words open"):
        Settings(variant="entnet", task="1", words="open", rename="auto")


def test_an_end_is_an_answer_of_an_open_vocabulary() -> None:
    data = make_run("entnet", Path("unused")).data
    assert END in data.vocabulary.answers
    assert data.vocabulary.bank == OPEN_WORDS
    assert data.sizes.vocabulary == len(data.vocabulary)
