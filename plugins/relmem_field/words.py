"""What the cloze readers share: a text as one row of words, and where a question has its blank."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_field.gru import Gru

BLANK = "xxxxx"
"""What stands in a question for the word that is left out (the Children's Book Test's XXXXX)."""


def blank_of(vocabulary: Vocabulary) -> int:
    """The blank's id; 0 where no question has one."""
    return vocabulary.ids.get(BLANK, 0)


def among(candidates: Tensor) -> Tensor:
    """Candidates int64 [Q, C] where each question of a batch names some, else [Q, 0]."""
    return candidates if candidates.any(dim=1).all() else candidates[:, :0]


def words_first(tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Rows int64 [Q, n] with their words first and pads last, cut to the longest, one at least.

    Also int64 [Q, cut n]: where in its row each of them stood.
    """
    order = (tokens == 0).to(torch.uint8).argsort(dim=1, stable=True)
    longest = max(int((tokens != 0).sum(dim=1).max()) if len(tokens) else 0, 1)
    order = order[:, :longest]
    return tokens.gather(1, order), order


def with_blank(questions: Tensor, blank: Tensor) -> tuple[Tensor, Tensor]:
    """Questions with words first and a pad more, and where the answer belongs, both [Q, n + 1].

    That is the first blank's place, or the one after the last word where there is no blank.
    """
    questions = pad(words_first(questions)[0], (0, 1))
    at = (questions == blank) & (questions != 0)
    at = at & (at.cumsum(dim=1) == 1)
    length = (questions != 0).sum(dim=1, keepdim=True)
    end = torch.arange(questions.shape[1], device=questions.device) == length
    return questions, torch.where(at.any(dim=1, keepdim=True), at, end)


class BothWays(nn.Module):
    """A bidirectional GRU over rows of different lengths.

    Pads are read, too, but after a row's end in either direction, and that is left out: torch's
    packed rows would take five times as long where there are hundreds of words.
    """

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.ahead = Gru(dim, hidden)
        self.back = Gru(dim, hidden)

    def forward(self, vectors: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Both states at each place [Q, n, 2 h], 0 behind a row's end, and both last ones [Q, 2 h].

        vectors [Q, n, d], of which the first `lengths` [Q] are the row's.
        """
        place = torch.arange(vectors.shape[1], device=vectors.device)
        there = place < lengths[:, None]
        turned = torch.where(there, lengths[:, None] - 1 - place, place)[:, :, None]
        ahead, _ = self.ahead(vectors)
        back, _ = self.back(vectors.take_along_dim(turned, dim=1))
        last = torch.cat([at_end(ahead, lengths), at_end(back, lengths)], dim=1)
        states = torch.cat([ahead, back.take_along_dim(turned, dim=1)], dim=2)
        return states * there[:, :, None], last


def at_end(states: Tensor, lengths: Tensor) -> Tensor:
    """The state [Q, h] at the last of the first `lengths` places, of all [Q, n, h]."""
    return states.take_along_dim((lengths - 1).clamp(min=0)[:, None, None], dim=1)[:, 0]


def pointer_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """The mean -log P(answer) of logits that are log P; answers without an id are left out."""
    known = answers > 0
    missed = -logits.gather(1, answers.clamp(min=0)[:, None])[:, 0]
    return (missed * known).sum() / known.sum().clamp(min=1)


def answered(stories: Iterable[Story]) -> Iterator[tuple[str, ...]]:
    """All different sentences of stories, and questions with their answers in the blank or last.

    Each comes once, however many stories tell it: passages of a book overlap.
    """
    yield from dict.fromkeys(
        text
        for story in stories
        for text in (*story.sentences, *(_with_answer(each) for each in story.questions))
    )


def _with_answer(question: Question) -> tuple[str, ...]:
    if BLANK in question.text:
        return tuple(question.answer if word == BLANK else word for word in question.text)
    return (*question.text, question.answer)
