"""Errors of a model on questions, and how sure they are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from relmem_cli.contract.model import Spelled, StoryModel, restrict, total
from relmem_cli.errors import RelmemError
from relmem_cli.intervals import wilson
from relmem_cli.stories.asked import asked_words
from relmem_cli.stories.batch import (
    StoryBatch,
    encode_stories,
    group_stories,
    said_so_far,
)
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import END_ID, MOST_SAID, Vocabulary
from relmem_cli.training.arithmetic import subnormals_flushed


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`errors` wrong answers of `n` questions; `loss` the mean cross-entropy in nats.

    A question whose right answer is outside the vocabulary counts as an error and not in the loss.
    `measures` are the means of the model's own figures.
    """

    errors: int
    n: int
    loss: float
    measures: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def error(self) -> float:
        """The fraction of wrong answers."""
        return self.errors / self.n

    def interval(self) -> tuple[float, float]:
        """A 95% interval of the error, Wilson's."""
        return wilson(self.errors, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question as it was answered: the most probable answers, the best first.

    An answer in words has no others beside it. `right` says whether the first one counts as right.
    """

    story: Story
    question: int
    answers: tuple[tuple[str, float], ...]
    right: bool


@torch.inference_mode()
@subnormals_flushed()
def score(model: StoryModel[Any], batches: Iterable[StoryBatch], name: str = "the model") -> Score:
    """The model's errors on batches of stories that lie on its device.

    Raises RelmemError, with the model's `name`, where answers are no numbers.
    """
    errors = n = unsure = 0
    loss = 0.0
    sums: Counter[str] = Counter()
    for batch in batches:
        spelled = in_words(model, batch)
        if spelled:
            right = _same_words(spelled.words, batch.spelled)
            highest = spelled.probability
            loss += float(total(model.loss(batch))) * len(right)
        else:
            logits = restrict(model(batch), batch.candidates)
            highest = logits.amax(dim=1)
            known = batch.answers != 0
            right = (logits.argmax(dim=1) == batch.answers) & known
            loss += float(cross_entropy(logits[known], batch.answers[known], reduction="sum"))
        errors += len(right) - int(right.sum())
        n += len(right)
        unsure += len(right) - int((highest < torch.inf).sum())
        sums.update({name: float(value.sum()) for name, value in model.measure(batch).items()})
    if unsure:
        raise RelmemError(
            f"{unsure} of {n} answers of {name} are no numbers: their logits are NaN or infinite, "
            "so that an error would tell nothing; see its `answer` and `forward`."
        )
    measures = {name: value / max(n, 1) for name, value in sums.items()}
    return Score(errors=errors, n=n, loss=loss / max(n, 1), measures=measures)


def in_words(model: StoryModel[Any], batch: StoryBatch) -> Spelled | None:
    """The answers in words, where the model spells or its words are open; else None."""
    if model.sizes.words == "closed":
        return model.spell_batch(batch)
    questions, rows = batch.questions, torch.arange(len(batch.questions))
    rows = rows.to(questions.device)
    words = questions.new_zeros(len(questions), MOST_SAID)
    probability = torch.ones(len(questions), device=questions.device)
    for place in range(MOST_SAID):
        part = replace(
            batch,
            questions=_with_words_so_far(questions[rows], words[rows, :place]),
            story=batch.story[rows],
            position=batch.position[rows],
            answers=batch.answers[rows],
            supports=batch.supports[rows],
            candidates=batch.candidates[rows],
            spelled=batch.spelled[rows],
        )
        logits = restrict(model(part), part.candidates if not place else part.candidates[:, :0])
        best, chosen = logits.softmax(dim=1).max(dim=1)
        probability[rows] *= best
        rows, chosen = rows[chosen != END_ID], chosen[chosen != END_ID]
        words[rows, place] = chosen
        if not len(rows):
            break
    return Spelled(words, probability)


def _with_words_so_far(questions: Tensor, words: Tensor) -> Tensor:
    """Questions [Q, Lq] with the words [Q, n] of their answers so far."""
    if not words.shape[1]:
        return questions
    rows = [
        said_so_far(question, said)
        for question, said in zip(questions.cpu().numpy(), words.tolist(), strict=True)
    ]
    return torch.from_numpy(np.array(rows)).to(questions.device)


def _same_words(given: Tensor, right: Tensor) -> Tensor:
    """Which answers [Q, n] have the words of [Q, m], all of them known, and no others."""
    longest = max(given.shape[1], right.shape[1])
    given, right = (pad(words, (0, longest - words.shape[1])) for words in (given, right))
    return (given == right).all(dim=1) & (right[:, :1] != 0).any(dim=1)


def score_stories(
    model: StoryModel[Any],
    stories: Sequence[Story],
    vocabulary: Vocabulary,
    batch: int = 64,
    name: str = "the model",
) -> Score:
    """The model's errors on stories, some `batch` questions at a time; raises what `score` does."""
    device = next(model.parameters()).device
    groups = group_stories(stories, batch)
    encoded = (encode_stories(group, vocabulary, model.sizes).to(device) for group in groups)
    return score(model, encoded, name)


@torch.inference_mode()
def samples(
    model: StoryModel[Any], stories: Sequence[Story], vocabulary: Vocabulary, best: int = 5
) -> Iterator[Sample]:
    """Every question in order, with the `best` most probable answers."""
    device = next(model.parameters()).device
    for group in group_stories(stories, 64):
        batch = encode_stories(group, vocabulary, model.sizes).to(device)
        with subnormals_flushed():
            spelled = in_words(model, batch)
            if spelled:
                right = _same_words(spelled.words, batch.spelled)
            else:
                logits = restrict(model(batch), batch.candidates)
                top = logits.softmax(dim=1).topk(min(best, len(vocabulary)), dim=1)
                right = (top.indices[:, 0] == batch.answers) & (batch.answers != 0)
        asked = [
            (story, index, words)
            for story in group
            for index, words in enumerate(asked_words(story, vocabulary, model.sizes))
        ]
        given = zip(*(tensor.tolist() for tensor in spelled or top), strict=True)
        for (story, index, words), (one, other), fits in zip(
            asked, given, right.tolist(), strict=True
        ):
            if spelled:
                answers = [(words.text(one), other)]
            else:
                answers = [(words.item(i), p) for i, p in zip(other, one, strict=True)]
            yield Sample(story=story, question=index, answers=tuple(answers), right=fits)
