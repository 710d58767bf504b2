"""Renamed stories are the same stories in other words."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from relmem_cli.stories.batch import EncodedStory, encode_story
from relmem_cli.stories.roles import Role
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tasks import TaskData, load_training
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of
from relmem_cli.training.cards import read_card
from relmem_cli.training.evaluation import Score
from relmem_cli.training.loop import Epoch, Trainer
from relmem_cli.training.renaming import Renamer, Renaming
from relmem_cli.training.settings import Settings

PEOPLE = Role(members=(("ann",), ("bob",), ("cy",)))
PLACES = Role(members=(("barn",), ("shed",), ("well",)))
KINDS = Role(members=(("cat", "cats"), ("mouse", "mice"), ("wolf", "wolves")))


def story(sentences: str, *questions: tuple[str, str]) -> Story:
    told = tuple(tuple(sentence.split()) for sentence in sentences.split(" . "))
    return Story(
        sentences=told,
        questions=tuple(
            Question(text=tuple(text.split()), answer=answer, position=len(told))
            for text, answer in questions
        ),
    )


class World:
    """Stories, encoded, and back to text."""

    def __init__(self, stories: Sequence[Story], more: Sequence[Story] = ()) -> None:
        whole = [*stories, *more]
        self.vocabulary = Vocabulary.of(whole)
        sizes = sizes_of(self.vocabulary, whole)
        self.encoded = [encode_story(one, self.vocabulary, sizes) for one in stories]

    def rename(self, *roles: Role, seed: int = 0) -> list[EncodedStory]:
        return Renamer(roles, self.vocabulary).rename(self.encoded, np.random.default_rng(seed))

    def text(self, encoded: EncodedStory) -> tuple[list[str], list[str], list[str]]:
        items = self.vocabulary.items
        lines = [
            [" ".join(items[i] for i in row if i) for row in rows]
            for rows in (encoded.sentences, encoded.questions)
        ]
        return lines[0], lines[1], [items[i] for i in encoded.answers]


VISIT = story("ann ran to the barn . bob ran to the shed", ("where is ann ?", "barn"))
OTHER = story("cy ran to the well", ("where is cy ?", "well"))


def test_a_story_keeps_its_sense_and_takes_every_set_of_names() -> None:
    world = World([VISIT] * 400, [OTHER])
    seen = set()
    for encoded in world.rename(PEOPLE, PLACES):
        (first, second), (question,), (answer,) = world.text(encoded)
        who, here = first.split()[0], first.split()[-1]
        other, there = second.split()[0], second.split()[-1]
        assert (question, answer) == (f"where is {who} ?", here)
        assert len({who, other}) == len({here, there}) == 2
        seen.add((who, other, here, there))
    assert len(seen) == 6 * 6


def test_words_of_no_role_stay_and_padding_too() -> None:
    world = World([VISIT, OTHER])
    for before, after in zip(world.encoded, world.rename(PEOPLE), strict=True):
        assert np.array_equal(before.sentences[:, 1:], after.sentences[:, 1:])
        assert np.array_equal(before.answers, after.answers)
        assert np.array_equal(before.position, after.position)


def test_nothing_is_renamed_where_there_are_no_roles() -> None:
    world = World([VISIT])
    assert world.text(world.rename()[0]) == world.text(world.encoded[0])


def test_the_stories_that_were_given_are_left_as_they_are() -> None:
    world = World([VISIT, OTHER])
    before = [world.text(encoded) for encoded in world.encoded]
    world.rename(PEOPLE, PLACES)
    assert [world.text(encoded) for encoded in world.encoded] == before


def test_the_words_of_a_member_move_together() -> None:
    told = story("cats fear mice . mice fear wolves . ann is a cat", ("what fears ann ?", "mouse"))
    world = World([told] * 50, [story("ann is a wolf")])
    many = dict(KINDS.members)
    for encoded in world.rename(KINDS):
        (first, second, third), _, (answer,) = world.text(encoded)
        kind = third.split()[-1]
        assert first == f"{many[kind]} fear {many[answer]}"
        assert second.startswith(f"{many[answer]} fear ")


def test_an_answer_keeps_the_case_that_items_have() -> None:
    told = story("ann met bob", ("who met bob ?", "Ann"))
    world = World([told] * 20, [story("cy met bob", ("who met bob ?", n)) for n in ("Bob", "Cy")])
    for encoded in world.rename(PEOPLE):
        (sentence,), _, (answer,) = world.text(encoded)
        assert answer == sentence.split()[0].capitalize()


def test_a_word_that_is_an_answer_in_two_spellings_is_not_renamed() -> None:
    told = story("ann met bob", ("who met bob ?", "Ann"), ("who met bob ?", "ann"))
    world = World([told], [story("cy met bob", ("who met bob ?", "Bob"))])
    assert world.text(world.rename(PEOPLE)[0]) == world.text(world.encoded[0])


THINGS = Role(members=(("cup",), ("hat",), ("key",)))
HOLD = story("ann got the cup . ann got the hat", ("what has ann ?", "cup,hat"))


def held(*answers: str) -> list[Story]:
    return [story("ann got the key", ("what has ann ?", answer)) for answer in answers]


def test_a_joint_answer_is_renamed_word_by_word_in_its_order() -> None:
    pairs = itertools.permutations(("cup", "hat", "key"), 2)
    world = World([HOLD] * 100, held(*map(",".join, pairs)))
    answers = set()
    for encoded in world.rename(THINGS):
        told, _, (answer,) = world.text(encoded)
        assert answer == ",".join(sentence.split()[-1] for sentence in told)
        answers.add(answer)
    assert len(answers) == 6


def test_a_joint_answer_that_is_no_item_is_never_made() -> None:
    world = World([HOLD] * 100, held("key,hat"))
    answers = set()
    for encoded in world.rename(THINGS):
        told, _, (answer,) = world.text(encoded)
        assert answer == ",".join(sentence.split()[-1] for sentence in told)
        answers.add(answer)
    assert answers == {"cup,hat", "key,hat"}


def test_words_that_stand_only_in_joint_answers_are_renamed_with_theirs() -> None:
    told = story("go north . go south", ("which ways ?", "n,s"))
    world = World([told] * 20, [story("go south . go north", ("which ways ?", "s,n"))])
    seen = set()
    for encoded in world.rename(Role(members=(("north", "n"), ("south", "s")))):
        sentences, _, (answer,) = world.text(encoded)
        assert answer == ",".join(sentence.split()[-1][0] for sentence in sentences)
        seen.add(answer)
    assert seen == {"n,s", "s,n"}


def data_of(stories: Sequence[Story], validation: Sequence[Story] = ()) -> TaskData:
    whole = [*stories, *validation]
    vocabulary = Vocabulary.of(whole)
    return TaskData(
        train=list(stories),
        validation=list(validation),
        vocabulary=vocabulary,
        sizes=sizes_of(vocabulary, whole),
    )


def runs(*people: str) -> list[Story]:
    return [story(f"{who} ran", ("who ran ?", who)) for who in people]


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        (runs("ann", "bob") * 5, runs("ann", "bob") * 100),
        (runs("ann", "ann", "bob") * 70, runs("bob") * 70),
        (runs("cy") * 100, runs("ann", "bob") * 100),
        (runs("ann", "bob") * 100, runs("bob") * 100),
    ],
    ids=["too few", "not as often", "not told", "a role"],
)
def test_validation_stories_neither_make_a_role_nor_end_one(
    train: list[Story], validation: list[Story], request: pytest.FixtureRequest
) -> None:
    roles = [] if "a role" not in request.node.name else [[["ann"], ["bob"]]]
    assert Renaming(data_of(train, validation)).record() == {"0": roles}
    assert Renaming(data_of([*train, *validation])).record() != {"0": roles}


def test_each_task_of_a_joint_one_keeps_to_its_own_roles() -> None:
    people, things = ("ann", "bob"), ("cup", "hat")
    first = runs(*people * 100)
    second = [story(f"a {what} fell", ("what fell ?", what)) for what in things * 100]
    both = [replace(one, task=1) for one in first] + [replace(one, task=2) for one in second]
    renaming = Renaming(data_of(both))
    assert renaming.record() == {"1": [[["ann"], ["bob"]]], "2": [[["cup"], ["hat"]]]}


@pytest.fixture
def data(source) -> TaskData:
    """The tiny world's stories, and enough of them to show roles."""
    train = source.path / "qa1_tiny_train.txt"
    train.write_text(train.read_text() * 4)
    return load_training(source, "1")


def test_an_epoch_is_renamed_by_its_seed_and_number_alone(data: TaskData) -> None:
    encoded = [encode_story(one, data.vocabulary, data.sizes) for one in data.train]

    def words(seed: int, epoch: int) -> list[int]:
        stories = Renaming(data).stories(encoded, seed, epoch)
        return [int(word) for one in stories for word in one.sentences.flat]

    assert Renaming(data).roles[1]
    assert words(0, 3) == words(0, 3)
    assert len({tuple(words(*at)) for at in ((0, 3), (0, 4), (1, 3))}) == 3


def test_what_is_trained_on_is_renamed_and_what_is_validated_on_is_not(
    entnet, settings, data: TaskData
) -> None:
    model = entnet.build(data.sizes, dict(settings.options))
    plain = Trainer(model=model, data=data, settings=settings)
    renamed = Trainer(model=model, data=data, settings=settings, renaming=Renaming(data))
    for one, other in zip(plain._held_out, renamed._held_out, strict=True):
        assert one.sentences.equal(other.sentences)
        assert one.answers.equal(other.answers)
    first = settings.rename_after + 1
    assert not same_words(plain._train_stories(first), renamed._train_stories(first))


def same_words(one: Sequence[EncodedStory], other: Sequence[EncodedStory]) -> bool:
    return all(np.array_equal(a.sentences, b.sentences) for a, b in zip(one, other, strict=True))


def test_the_first_epochs_keep_the_stories_own_words(entnet, settings, data: TaskData) -> None:
    settings = replace(settings, rename_after=2)
    model = entnet.build(data.sizes, dict(settings.options))
    trainer = Trainer(model=model, data=data, settings=settings, renaming=Renaming(data))
    own = trainer._train
    kept = [same_words(trainer._train_stories(epoch), own) for epoch in (1, 2, 3, 4)]
    assert kept == [True, True, False, False]


def test_held_out_stories_are_renamed_once_they_are_trained_on(entnet, settings, data) -> None:
    settings = replace(settings, epochs=2, refit=1, rename="auto", rename_after=0)
    model = entnet.build(data.sizes, dict(settings.options))
    trainer = Trainer(model=model, data=data, settings=settings, renaming=Renaming(data))
    held_out = trainer._everything[len(data.train) :]
    assert len(trainer._train_stories(2)) == len(data.train)
    renamed = trainer._train_stories(3)[len(data.train) :]
    assert len(renamed) == len(held_out) == len(data.validation)
    assert not same_words(renamed, held_out)


def test_the_card_names_the_roles_that_were_renamed(make_run, settings, data, tmp_path) -> None:
    for rename in ("auto", "off"):
        trained = make_run(
            rename, settings=replace(settings, rename=rename, rename_after=0, epochs=1)
        )
        for _ in trained.events():
            pass
    auto, off = (read_card(tmp_path / run / "best.safetensors").record for run in ("auto", "off"))
    assert {"ann", "bob", "cy"} in [
        {word for member in role for word in member} for role in auto["roles"]["1"]
    ]
    assert off["roles"] == {}


def test_validation_picks_among_all_roles_none_and_all_but_one(
    make_run, settings: Settings, data, tmp_path
) -> None:
    renaming = replace(settings, rename="auto", rename_after=0, epochs=1)
    trained = make_run(settings=renaming, restarts=5)
    tried = [(each.rename, each.rename_without) for each, _ in trained.job.seeds()]
    assert tried == [("auto", 0), ("off", 0), ("auto", 1), ("auto", 2), ("auto", 3)]
    for _ in trained.events():
        pass
    kept = [
        read_card(tmp_path / f"run/seed-{seed}/best.safetensors").record["roles"].get("1", [])
        for seed in range(5)
    ]
    found = kept[0]
    assert len(found) == 2
    assert kept == [found, [], found[1:], found[:1], found]


def test_a_role_that_is_left_out_keeps_its_words(data: TaskData) -> None:
    every = Renaming(data)
    without = every.without(1)
    assert without.roles[1] == every.roles[1][1:]
    encoded = [encode_story(story, data.vocabulary, data.sizes) for story in data.train]
    kept = [data.vocabulary.ids[word] for word in every.roles[1][0].words]
    for before, after in zip(encoded, without.stories(encoded, 0, 1), strict=True):
        assert np.array_equal(
            np.isin(before.sentences, kept) * before.sentences,
            np.isin(after.sentences, kept) * after.sentences,
        )
    assert every.without(0) is every


def test_patience_begins_when_renaming_does(make_run, settings, data, monkeypatch) -> None:
    worst = Score(errors=9, n=10, loss=1.0)
    monkeypatch.setattr("relmem_cli.training.loop.score", lambda *_: worst)
    few = replace(settings, epochs=50, patience=3, rename_after=4)
    for rename, epochs in (("off", 1 + 3), ("auto", 4 + 3)):
        trained = make_run(rename, settings=replace(few, rename=rename))
        ended = [event for _, event in trained.events() if isinstance(event, Epoch)]
        assert len(ended) == epochs
