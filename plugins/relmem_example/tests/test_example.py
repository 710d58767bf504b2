"""relmem finds what the plugin adds; the variant keeps its contract and learns."""

from dataclasses import dataclass
from importlib.metadata import entry_points
from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import cross_entropy

from relmem_cli.stories.batch import encode_stories
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of
from relmem_cli.testing import check_variant
from relmem_example.chat import score, words_used
from relmem_example.plugin import (
    FACTS,
    GRU,
    GruOptions,
    relmem_chat_commands,
    relmem_chat_panels,
    relmem_variants,
)


def test_relmem_finds_the_plugin() -> None:
    point = entry_points(group="relmem")["example"]
    assert point.load().relmem_variants is relmem_variants
    assert relmem_variants() == [GRU, FACTS]


def test_gru_conforms() -> None:
    check_variant(GRU)
    check_variant(GRU, {"dim": 5})
    with pytest.raises(ValueError, match="dim is 0"):
        GruOptions(dim=0)


def test_facts_conforms() -> None:
    check_variant(FACTS)
    check_variant(FACTS, {"dim": 5, "facts": 0.1})


def test_facts_learns_where_to_look() -> None:
    torch.manual_seed(0)
    stories = [story(place, last) for place in PLACES for last in PLACES]
    vocabulary = Vocabulary.of(stories)
    sizes = sizes_of(vocabulary, stories)
    batch = encode_stories(stories, vocabulary, sizes)
    model = FACTS.build(sizes, {"dim": 16})
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    first = model.learn(batch)
    for _ in range(60):
        optimizer.zero_grad()
        last = model.learn(batch)
        optimizer.step()
    assert all(last[part] < first[part] / 10 for part in ("answers", "facts"))
    assert model.measure(batch)["fact"].all()


def test_training_makes_the_loss_fall_until_every_answer_is_right() -> None:
    torch.manual_seed(0)
    stories = [story(place, last) for place in PLACES for last in PLACES]
    vocabulary = Vocabulary.of(stories)
    sizes = sizes_of(vocabulary, stories)
    batch = encode_stories(stories, vocabulary, sizes)
    model = GRU.build(sizes, {"dim": 16})
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(60):
        loss = cross_entropy(model(batch), batch.answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 10
    assert torch.equal(model(batch).argmax(dim=1), batch.answers)


PLACES = ("attic", "cellar", "barn")


def story(first: str, last: str) -> Story:
    """Ann goes to two places and is asked for after each."""
    where = tuple(tokenize("Where is Ann?"))
    return Story(
        sentences=tuple(tuple(tokenize(f"Ann ran to the {place}.")) for place in (first, last)),
        questions=(
            Question(text=where, answer=first, position=1, supports=(0,)),
            Question(text=where, answer=last, position=2, supports=(1,)),
        ),
    )


@dataclass(frozen=True)
class Said:
    """A sentence or a question of a session."""

    tokens: tuple[str, ...] = ()
    truth: str = ""


def talk(*turns: tuple[Said, str | None], sentences: tuple[Said, ...] = ()) -> SimpleNamespace:
    """What chat's session looks like to a plugin; a turn is what was said and its answer."""
    vocabulary = Vocabulary(("<pad>", ".", "?", "ann", "ran", "barn"))
    return SimpleNamespace(
        reader=SimpleNamespace(vocabulary=vocabulary),
        sentences=sentences,
        turns=[
            SimpleNamespace(said=said, answer=answer and SimpleNamespace(answer=answer))
            for said, answer in turns
        ],
    )


def test_words_counts_the_known_words_of_the_story() -> None:
    told = Said(tokens=("ann", "ran", "zog", "ann", "."))
    assert words_used(talk(), "") == "0 of 3 known words used"
    assert words_used(talk(sentences=(told,)), "") == (
        "2 of 3 known words used; most: ann 2, ran 1"
    )


def test_words_names_the_five_most_frequent() -> None:
    words = tuple("abcdef")
    session = talk(sentences=(Said(tokens=words),))
    session.reader.vocabulary = Vocabulary(("<pad>", *words))
    assert words_used(session, "") == ("6 of 6 known words used; most: a 1, b 1, c 1, d 1, e 1")


def test_the_score_counts_only_questions_with_a_true_answer() -> None:
    asked = Said(truth="barn")
    assert score(talk((Said(), None), (Said(), "barn"))) == ""
    assert score(talk((asked, "barn"), (asked, "attic"), (Said(), "barn"))) == "1 of 2 right"
    assert score(talk((asked, None), (asked, "barn"))) == "1 of 1 right"


def test_relmem_is_offered_one_command_and_one_panel() -> None:
    assert [command.run for command in relmem_chat_commands()] == [words_used]
    assert [(panel.show, panel.after) for panel in relmem_chat_panels()] == [(score, "answer")]
