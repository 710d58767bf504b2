"""Answers of several words, for a model that spells them."""

from dataclasses import replace
from itertools import permutations
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.contract.model import Spelled, StoryModel
from relmem_cli.stories.batch import StoryBatch, encode_stories
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Sizes, Vocabulary, sizes_of
from relmem_cli.testing import check_variant
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.checkpoints import TrainedModel
from relmem_cli.training.evaluation import samples, score_stories
from tests.training.toy import Options, toy

THINGS = ("apple", "ball", "cup")
LENGTH = 2


class Told(NamedTuple):
    words: Tensor


class Speller(StoryModel[Told]):
    """Two words, each from a layer of its own over the places of the latest sentence."""

    def __init__(self, *, sizes: Sizes, options: Options) -> None:
        super().__init__(sizes=sizes)
        self.vectors = nn.Embedding(sizes.vocabulary, 8, padding_idx=0)
        self.width = 8 * sizes.sentence_length
        self.heads = nn.Linear(self.width + 8, LENGTH * sizes.vocabulary)

    def begin(self, batch: int) -> Told:
        return Told(self.heads.bias.new_zeros(batch, self.width))

    def read(self, state: Told, sentences: Tensor) -> Told:
        present = (sentences != 0).any(dim=1, keepdim=True)
        return Told(torch.where(present, self.vectors(sentences).flatten(1), state.words))

    def answer(self, state: Told, questions: Tensor) -> Tensor:
        return self._words(state, questions)[:, 0]

    def spell(self, state: Told, questions: Tensor) -> Spelled:
        best = self._words(state, questions).softmax(dim=2).max(dim=2)
        return Spelled(best.indices, best.values.prod(dim=1))

    def loss(self, batch: StoryBatch) -> Tensor:
        state, order = self.when_asked(batch)
        words = self._words(state, batch.questions[order])
        right = pad(batch.spelled, (0, LENGTH))[order][:, :LENGTH]
        return cross_entropy(words.flatten(0, 1), right.flatten())

    def _words(self, state: Told, questions: Tensor) -> Tensor:
        asked = torch.cat([state.words, self.vectors(questions).sum(dim=1)], dim=1)
        return self.heads(asked).view(len(questions), LENGTH, self.sizes.vocabulary)


def story(one: str, other: str) -> Story:
    asked = Question(text=tuple(tokenize("What?")), answer=f"{one},{other}", position=1)
    return Story(sentences=(tuple(tokenize(f"Ann has {one} {other}.")),), questions=(asked,))


STORIES = [story(*pair) for pair in permutations(THINGS, 2)]
KNOWN = Vocabulary.of([*STORIES, *(story(*[thing] * 2) for thing in THINGS)])
WORDS = Vocabulary(
    (*KNOWN.items, *(thing for thing in THINGS if thing not in KNOWN)), KNOWN.answers
)


@pytest.fixture(scope="module")
def trained() -> Speller:
    torch.manual_seed(0)
    model = toy(Speller).build(sizes_of(WORDS, STORIES))
    assert isinstance(model, Speller)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    batch = encode_stories(STORIES, WORDS, model.sizes)
    for _ in range(60):
        optimizer.zero_grad()
        model.learn(batch)
        optimizer.step()
    return model.eval()


def test_a_batch_has_the_words_of_its_answers() -> None:
    batch = encode_stories(STORIES, WORDS, sizes_of(WORDS, STORIES))
    spelled = [[WORDS.items[number] for number in row] for row in batch.spelled.tolist()]
    assert spelled == [list(pair) for pair in permutations(THINGS, 2)]


def test_all_words_of_an_answer_must_be_right(trained: Speller, monkeypatch) -> None:
    assert score_stories(trained, STORIES, WORDS).errors == 0
    spell = Speller.spell

    def half(self, state, questions):
        words, probability = spell(self, state, questions)
        return Spelled(torch.cat([words[:, :1], words[:, :1]], dim=1), probability)

    monkeypatch.setattr(Speller, "spell", half)
    assert score_stories(trained, STORIES, WORDS).errors == len(STORIES)


def test_an_answer_with_a_word_too_many_is_wrong(trained: Speller, monkeypatch) -> None:
    spell = Speller.spell

    def longer(self, state, questions):
        words, probability = spell(self, state, questions)
        return Spelled(torch.cat([words, words[:, :1]], dim=1), probability)

    monkeypatch.setattr(Speller, "spell", longer)
    assert score_stories(trained, STORIES, WORDS).errors == len(STORIES)


def test_an_answer_with_a_word_that_has_no_id_is_never_right(trained: Speller) -> None:
    unknown = Story(
        sentences=STORIES[0].sentences,
        questions=(replace(STORIES[0].questions[0], answer="apple,zog"),),
    )
    batch = encode_stories([unknown], WORDS, trained.sizes)
    assert not batch.spelled.any()
    assert score_stories(trained, [unknown], WORDS).errors == 1


def test_samples_show_the_words(trained: Speller) -> None:
    first = next(samples(trained, STORIES, WORDS))
    assert first.answers[0][0] == "apple ball"
    assert first.right


def test_chat_answers_in_words_and_says_why(trained: Speller) -> None:
    card = ModelCard(variant="toy", options={}, sizes=trained.sizes, vocabulary=WORDS, record={})
    session = Session(Reader(TrainedModel(card=card, model=trained), name="speller"))
    for line in ("Ann has cup apple.", "What?"):
        (said,) = parse_line(line)
        session.say(said)
    answer = session.turns[-1].answer
    assert answer is not None
    assert answer.answer == "cup apple"
    assert 0.5 < answer.probability <= 1
    assert answer.alternatives == ()
    (reason,) = session.why().reasons
    assert reason.share == 1


def test_it_conforms() -> None:
    check_variant(toy(Speller))
