"""How MemNN finds facts and learns to (Weston et al. 2014, arXiv 1410.3916).

s[q, y, y'] is above 0 where question q prefers fact y to fact y'; the last of N facts is "none".
"""

from collections import Counter
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot, pad

from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_field.sentences import in_common

Right = Callable[[list[Tensor]], Tensor]
"""From the facts found so far, each int64 [Q], to which may be next, bool [Q, N]."""


def taught(facts: Tensor, n: int) -> Right:
    """Strong supervision: one after another of the facts int64 [Q, hops], of n."""
    return lambda found: one_hot(facts[:, len(found)], n).bool()


class Likely(nn.Module):
    """Weak supervision, WSH (arXiv 1503.08895, section 4.3): facts that have words in common.

    The first with the question, each other with the one before, and the last one with the answer,
    too. Words that are in half of all sentences or more do not count.
    """

    lower: Tensor  # [V]: of the answer "Bill" the word "bill"
    telling: Tensor  # bool [V]: which words count

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.register_buffer("lower", torch.arange(vocabulary))
        self.register_buffer("telling", torch.ones(vocabulary, dtype=torch.bool))

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """Learn the words of the stories that are trained on."""
        ids, told = vocabulary.ids, [set(one) for story in stories for one in story.sentences]
        counts = Counter(word for sentence in told for word in sentence)
        self.lower.copy_(torch.tensor([ids.get(item.lower(), n) for item, n in ids.items()]))
        self.telling.copy_(torch.tensor([2 * counts[item] < len(told) for item in ids]))

    def forward(self, sentences: Tensor, questions: Tensor, spelled: Tensor, *, hops: int) -> Right:
        """From sentences [Q, T, words], questions [Q, words] and the answers' words [Q, A]."""
        telling = sentences * self.telling[sentences]
        answered = in_common(telling, self.lower[spelled.clamp(min=0)]).any(2)

        def right(found: list[Tensor]) -> Tensor:
            before = questions
            if found:
                before = pad(telling, (0, 0, 0, 1)).take_along_dim(found[-1][:, None, None], 1)[
                    :, 0
                ]
            chosen = in_common(telling, before).any(2)
            return pad(chosen & answered if len(found) == hops - 1 else chosen, (0, 1))

        return right


def winner(s: Tensor, right: Tensor) -> Tensor:
    """The right fact [Q] that is left when the winner so far meets the one before (Algorithm 1).

    s [Q, N, N], right bool [Q, N]; where none is right it is N - 1, "none", which is there first.
    From the newest to the oldest: of two facts of the same words the newer has no feature of time
    that is 1, so that it is preferred by 0, and can win only by being there first.
    """
    rows, none = torch.arange(len(s), device=s.device), s.shape[1] - 1
    best = torch.full_like(rows, none)
    for k in reversed(range(none)):
        wins = (s[rows, k, best] > 0) | ~right[rows, best]
        best = torch.where(wins & right[:, k], k, best)
    return best


def missed(s: Tensor, right: Tensor, wrong: Tensor, margin: float) -> Tensor:
    """How far wrong facts are from being below the right ones by a margin [Q] (eq. 6 and 7).

    s [Q, N, N], right and wrong bool [Q, N]. The sum over wrong facts y' of
    max(0, margin - s(y, y')) + max(0, margin + s(y', y)), the mean over the right y of it.
    """
    hinges = ((margin - s).relu() + (margin + s.mT).relu()) * wrong[:, None]
    return (hinges.sum(2) * right).sum(1) / right.sum(1).clamp(min=1)
