"""The gru variant is found by relmem, keeps its contract and learns."""

from importlib.metadata import entry_points

import torch
from torch.nn.functional import cross_entropy

from relmem_cli.stories.batch import encode_stories
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of
from relmem_cli.testing import check_variant
from relmem_example.plugin import GRU, relmem_variants


def test_relmem_finds_the_plugin() -> None:
    point = entry_points(group="relmem")["example"]
    assert point.load().relmem_variants is relmem_variants
    assert relmem_variants() == [GRU]


def test_gru_conforms() -> None:
    check_variant(GRU)
    check_variant(GRU, {"dim": 5})


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
            Question(text=where, answer=first, position=1),
            Question(text=where, answer=last, position=2),
        ),
    )
