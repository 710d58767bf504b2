"""Against Kneser-Ney smoothing by dictionaries, one n-gram after another."""

from collections import Counter, defaultdict
from math import log
from typing import Any

import numpy as np
import pytest
import torch

from relmem_cli.errors import UsageError
from relmem_cli.stories.batch import encode_stories
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of
from relmem_field.kneser_ney import KneserNey
from relmem_field.options import KneserNeyOptions

STORIES = [
    Story(
        sentences=(
            ("the", "hen", "saw", "the", "fox", "."),
            ("the", "fox", "saw", "the", "hen", "."),
            ("the", "hen", "ran", "to", "the", "shed", "."),
        ),
        questions=(
            Question(
                text=("the", "xxxxx", "ran", "to", "the", "fox", "."),
                answer="hen",
                position=3,
                candidates=("hen", "fox", "shed"),
            ),
        ),
    ),
    Story(
        sentences=(("the", "fox", "ran", "."), ("the", "hen", "saw", "the", "fox", ".")),
        questions=(Question(text=("who", "ran", "?"), answer="fox", position=2),),
    ),
]
VOCABULARY = Vocabulary.of(STORIES)
SIZES = sizes_of(VOCABULARY, STORIES)
BEGIN = "<s>"
N = 3


def built(**options: Any) -> KneserNey:
    chosen: dict[str, Any] = {"order": N, "room": 400, **options}
    model = KneserNey(sizes=SIZES, options=KneserNeyOptions(**chosen)).double().eval()
    model.prepare(VOCABULARY, STORIES)
    return model


class Smoothed:
    """Interpolated Kneser-Ney of orders 1 to N (Chen & Goodman 1999, eqs. 24 to 26)."""

    def __init__(self, texts: list[tuple[str, ...]]) -> None:
        occur: Counter[tuple[str, ...]] = Counter()
        for text in texts:
            row = [BEGIN] * (N - 1) + list(text)
            for end in range(N - 1, len(row)):
                for n in range(1, N + 1):
                    occur[tuple(row[end - n + 1 : end + 1])] += 1
        self.count = {}
        for gram, times in occur.items():
            before = {longer[0] for longer in occur if longer[1:] == gram}
            raw = len(gram) == N or gram[0] == BEGIN
            self.count[gram] = times if raw else len(before)
        self.discount = {}
        for n in range(1, N + 1):
            counts = Counter(c for gram, c in self.count.items() if len(gram) == n)
            self.discount[n] = counts[1] / (counts[1] + 2 * counts[2]) if counts[1] else 0.5
        self.after: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
        for gram, c in self.count.items():
            self.after[gram[:-1]][gram[-1]] = c

    def __call__(self, word: str, before: tuple[str, ...]) -> float:
        lower = self(word, before[1:]) if before else 1 / SIZES.ids
        seen = self.after.get(before)
        if not seen:
            return lower
        d = self.discount[len(before) + 1]
        return (max(seen.get(word, 0) - d, 0) + d * len(seen) * lower) / sum(seen.values())


def texts() -> list[tuple[str, ...]]:
    found = dict.fromkeys(sentence for story in STORIES for sentence in story.sentences)
    found[("the", "hen", "ran", "to", "the", "fox", ".")] = None
    found[("who", "ran", "?", "fox")] = None
    return list(found)


def padded(before: list[str]) -> tuple[str, ...]:
    return tuple(([BEGIN] * N + before)[-(N - 1) :])


def test_probabilities_are_those_of_interpolated_kneser_ney() -> None:
    model, smoothed = built(), Smoothed(texts())
    for before in (["the"], ["hen", "saw"], ["fox", "shed"], ["ran", "to"], [], ["who"]):
        h = padded(before)
        ids = [0 if word == BEGIN else VOCABULARY.ids[word] for word in h]
        grams = torch.tensor([[*ids, word] for word in range(SIZES.ids)])
        p = model.ngrams.probability(grams, SIZES.ids)
        assert p.sum().item() == pytest.approx(1)
        wanted = [smoothed(word, h) for word in VOCABULARY.items]
        np.testing.assert_allclose(p.numpy(), wanted, atol=1e-12)


def scored(word: str, asked: list[str], story: Story, weight: float) -> float:
    """Log p of the word and of the N - 1 after it, each with the passage's unigrams mixed in."""
    smoothed, said = Smoothed(texts()), [w for sentence in story.sentences for w in sentence]
    text = [word if token == "xxxxx" else token for token in asked]
    place = asked.index("xxxxx") if "xxxxx" in asked else len(asked)
    text += [word] * (place == len(asked))
    total = 0.0
    for at in range(place, min(place + N, len(text))):
        p = smoothed(text[at], padded(text[:at]))
        total += log(weight * said.count(text[at]) / len(said) + (1 - weight) * p)
    return total


def test_a_word_in_the_blank_is_as_good_as_it_and_what_follows_are_likely() -> None:
    model = built(cache=0.3)
    one = encode_stories(STORIES, VOCABULARY, SIZES)
    logits = model(one).detach().numpy()
    asked = list(STORIES[0].questions[0].text)
    for word in ("hen", "fox", "shed"):
        wanted = scored(word, asked, STORIES[0], 0.3)
        assert logits[0, VOCABULARY.ids[word]] == pytest.approx(wanted)
    state = model.begin(1)
    for sentence in one.sentences[0]:
        state = model.read(state, sentence[None])
    alone = model.answer(state, one.questions[:1])[0]
    for word in VOCABULARY.items[1:]:
        wanted = scored(word, asked, STORIES[0], 0.3)
        assert alone[VOCABULARY.ids[word]].item() == pytest.approx(wanted)


def test_without_a_blank_the_answer_comes_after_the_question() -> None:
    model = built(cache=0.3)
    state = model.begin(1)
    one = encode_stories(STORIES[1:], VOCABULARY, SIZES)
    for sentence in one.sentences[0]:
        state = model.read(state, sentence[None])
    logits = model.answer(state, one.questions)[0]
    for word in VOCABULARY.items[1:]:
        wanted = scored(word, ["who", "ran", "?"], STORIES[1], 0.3)
        assert logits[VOCABULARY.ids[word]].item() == pytest.approx(wanted)


def test_a_sentence_that_several_stories_tell_is_counted_once() -> None:
    model, twice = built(), built()
    twice.prepare(VOCABULARY, STORIES * 2)
    for one, other in zip(model.buffers(), twice.buffers(), strict=True):
        assert torch.equal(one, other)


def test_more_ngrams_than_there_is_room_for_are_told() -> None:
    with pytest.raises(UsageError, match=r"room for 10; try --set room=\d+"):
        built(room=10)


def test_training_moves_what_the_cache_weighs_and_nothing_else() -> None:
    model = built()
    assert [name for name, _ in model.named_parameters()] == ["cache"]
    assert model.cache.sigmoid().item() == pytest.approx(0.9)
    one = encode_stories(STORIES, VOCABULARY, SIZES)
    loss = model.loss(one)
    assert isinstance(loss, torch.Tensor)
    loss.backward()  # type: ignore[no-untyped-call]
    step = 1e-6
    numbers = []
    for sign in (1, -1):
        moved = built()
        with torch.no_grad():
            moved.cache += sign * step
            numbers.append(float(moved.loss(one)))  # type: ignore[arg-type]
    assert model.cache.grad is not None
    assert model.cache.grad.item() == pytest.approx(
        (numbers[0] - numbers[1]) / (2 * step), rel=1e-4
    )
