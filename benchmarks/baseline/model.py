"""EntNet as public code for bAbI lays it out (eq. 1-5, 11-14), in plain PyTorch.

Every question comes with its own copy of the story before it, padded to the task's longest; a
Python loop goes over the sentences with all slots at once, and autograd does the rest. What no
sentence changes (V w) and what needs no memory (all s_t) is computed before the loop.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, prelu

from relmem_cli.stories.vocabulary import Sizes

State = tuple[Tensor, ...]


class EntNet(nn.Module):
    """Recurrent entity network (arXiv 1612.03969); `hops` attentions before an answer (eq. 14).

    Its weights are those of a relmem model: `baseline.weights.baseline_of`.
    """

    def __init__(self, *, sizes: Sizes, slots: int, dim: int, hops: int = 1) -> None:
        super().__init__()
        self.hops = hops
        self.words = nn.Embedding(sizes.vocabulary, dim, padding_idx=0)
        self.sentence_mask = nn.Parameter(torch.ones(sizes.sentence_length, dim))
        self.question_mask = nn.Parameter(torch.ones(sizes.question_length, dim))
        self.keys = nn.Parameter(torch.empty(slots, dim))
        self.U = nn.Linear(dim, dim, bias=False)
        self.V = nn.Linear(dim, dim)
        self.W = nn.Linear(dim, dim, bias=False)
        self.slope = nn.Parameter(torch.ones(dim))
        self.H = nn.Linear(dim, dim, bias=False)
        self.R = nn.Linear(dim, sizes.vocabulary, bias=False)

    def forward(self, stories: Tensor, lengths: Tensor, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] for tokens [batch, T, L], [batch, Lq] and lengths [batch]."""
        encoded = (self.words(stories) * self.sentence_mask).sum(dim=2)  # eq. 1
        from_keys = self.V(self.keys)
        state = self.begin(len(stories))
        for t, s in enumerate(encoded.unbind(dim=1)):
            told = (lengths > t)[:, None, None]
            new = self.step(state, s, from_keys)
            state = tuple(torch.where(told, *both) for both in zip(new, state, strict=True))
        q = (self.words(questions) * self.question_mask).sum(dim=1)
        return self.answer(self.rows(state), q)

    def begin(self, batch: int) -> State:
        """Every slot holds its key."""
        return (self.keys.expand(batch, -1, -1),)

    def step(self, state: State, s: Tensor, from_keys: Tensor) -> State:
        """The state after a sentence s [batch, dim] (eq. 2-5)."""
        return (self.write(state[0], s, from_keys)[0],)

    def rows(self, state: State) -> Tensor:
        """What the readout attends to: m_i = h_i, [batch, slots, dim]."""
        return state[0]

    def answer_slope(self) -> Tensor:
        """The slope of eq. 13's phi; EntNet has one for all."""
        return self.slope

    def write(self, h: Tensor, s: Tensor, from_keys: Tensor) -> tuple[Tensor, Tensor]:
        """New memory [batch, slots, dim] and gates [batch, slots] (eq. 2-5)."""
        gate = torch.sigmoid(((h + self.keys) @ s[:, :, None]).squeeze(2))
        candidate = phi(self.U(h) + from_keys + self.W(s)[:, None], self.slope)
        return normalize(h + gate[:, :, None] * candidate, dim=2), gate

    def answer(self, rows: Tensor, q: Tensor) -> Tensor:
        """Eq. 11-14 for rows [batch, rows, dim] and questions q [batch, dim]."""
        u = attend(rows, q)
        for _ in range(self.hops - 1):
            q = q + u
            u = attend(rows, q)
        logits: Tensor = self.R(phi(q + self.H(u), self.answer_slope()))
        return logits


def attend(rows: Tensor, q: Tensor) -> Tensor:
    """What q reads from the rows, [batch, dim] (eq. 11, 12)."""
    p = torch.softmax((rows @ q[:, :, None]).squeeze(2), dim=1)
    return (p[:, None] @ rows).squeeze(1)


def phi(x: Tensor, slope: Tensor) -> Tensor:
    """PReLU of x [..., dim] with a slope [dim] for each entry of the last axis."""
    return prelu(x.reshape(-1, x.shape[-1]), slope).view_as(x)
