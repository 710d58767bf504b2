import pytest

from relmem_cli.asked_data import asked_tasks, open_data
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.plugins import registry
from relmem_cli.stories.catalogue import TASKS
from relmem_cli.world.kind import Kind


def test_the_world_has_the_twenty_kinds_and_the_mixture() -> None:
    world = open_data("world")
    assert list(world.tasks) == [*TASKS, "mixture"]  # type: ignore[attr-defined]
    assert sum(len(story.questions) for story in world.stories(1, "train")) == 1000


@pytest.mark.parametrize(
    "name",
    [
        "world",
        "world:3",
        "world:mixture,words=everyday,style=everyday,questions=20,seed=4,people=3",
    ],
)
def test_its_name_opens_it_again(name: str) -> None:
    world = open_data(name)
    assert world.name == name
    assert open_data(world.name) == world


def test_train_and_test_are_different_stories_and_other_seeds_others() -> None:
    world, other = open_data("world:1,questions=50"), open_data("world:1,questions=50,seed=1")
    texts = [world.stories(1, "train"), world.stories(1, "test"), other.stories(1, "train")]
    assert all(one != two for place, one in enumerate(texts) for two in texts[place + 1 :])


def test_there_are_at_most_a_thousand_test_questions() -> None:
    world = open_data("world:1,questions=3000")
    assert [
        sum(len(s.questions) for s in world.stories(1, split)) for split in ("train", "test")
    ] == [
        3000,
        1000,
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("world:21", "there is no kind '21'; the kinds are 1, 2,"),
        ("world:1,colour=red", "'colour=red' is no setting; they are words, style, questions,"),
        ("world:1,questions=many", "questions is 'many'; it must be a whole number from 1"),
        ("world:3,people=4", "people is the mixture's; kind 3 is as it is"),
        ("world:1,again=99", "again is '99'; it must be a whole number from 1 to 90"),
        ("world:1,people=1", "people is '1'; it must be a whole number from 2"),
    ],
)
def test_what_it_has_not_is_said(name: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_data(name)
    assert said in str(caught.value)


def test_a_wrong_style_or_word_list_is_said_when_stories_are_told() -> None:
    with pytest.raises(UsageError, match="--style 'posh' is unknown"):
        open_data("world:1,style=posh").stories(1, "train")


def test_of_one_kind_no_other_is_told() -> None:
    with pytest.raises(RelmemError, match="world:1 has no kind '2'"):
        open_data("world:1").stories(2, "train")


@pytest.mark.parametrize(
    ("text", "data", "tasks"),
    [
        ("", "world", (1,)),
        ("", "world:mixture", ("mixture",)),
        ("1-3,mixture", "world", (1, 2, 3, "mixture")),
        ("all", "world:7", (7,)),
    ],
)
def test_tasks_by_range_and_name(text: str, data: str, tasks: tuple) -> None:
    assert asked_tasks(text, data) == tasks


def test_a_plugins_kind_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(teller) -> None:
        (who,) = teller.draw("person", 1)
        teller.places = teller.draw("place", 2)
        teller.state.people.place_person(who, teller.places[0])
        teller.go(who)
        teller.ask("where", who)

    kinds = {"walk": Kind(name="walk", title="Somebody walks.", tell=tell)}
    monkeypatch.setattr(registry(), "kinds", kinds)
    (story,) = open_data("world:walk,questions=1").stories("walk", "train")
    assert story.questions[0].supports == (0,)
