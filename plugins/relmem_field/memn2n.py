"""End-to-end memory networks (Sukhbaatar et al. 2015, arXiv 1503.08895)."""

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import MemN2NOptions
from relmem_field.sentences import ages, encoded_by_each, encoded_once


class MemN2N(WindowModel):
    """The question u looks at the sentences several times, and takes up what it sees."""

    linear: Tensor  # whether attention has no softmax; in the state dict

    def __init__(self, *, sizes: Sizes, options: MemN2NOptions) -> None:
        super().__init__(sizes=sizes, window=options.memories)
        v, d, self.options = sizes.vocabulary, options.dim, options
        self.slots = min(options.memories, sizes.story_length or options.memories)
        self.longest = 0  # of position encoding: words and a place for the time, as in the code
        if options.encoding == "position":
            self.longest = max(sizes.sentence_length, sizes.question_length) + 1
        self.adjacent = options.tying == "adjacent"
        # which table is A^k and which C^k (section 2.2): adjacent, C^k is A^(k+1), B is A^1 and
        # W^T is C^K; layer-wise, all A^k are one and all C^k are one, and u passes through H
        self.a = [hop if self.adjacent else 0 for hop in range(options.hops)]
        self.c = [a + 1 for a in self.a]
        if not self.adjacent:
            self.b, self.w = nn.Embedding(v, d), nn.Linear(d, v, bias=False)
            self.h = nn.Linear(d, d, bias=False)
        tables = self.c[-1] + 1
        self.words = nn.Embedding(v, tables * d)
        self.times = nn.Embedding(self.window, tables * d)  # T_A and T_C, tied as A and C are
        self.register_buffer("linear", torch.tensor(False))
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.1)

    def epoch(self, number: int, last: int) -> bool:
        """Linear start: the softmax comes in after the first epochs (section 4.2)."""
        phase = int(self.options.linear * last)
        self.linear.fill_(number <= phase)
        return number == phase + 1

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """W (u^K + o^K) [Q, V]."""
        there = (sentences != 0).any(2)
        return self._hops(self._encoded(self.words, sentences), there, questions)[0]

    def forward(self, batch: StoryBatch) -> Tensor:
        """The same for a batch, each sentence encoded once."""
        if not len(batch.questions):
            return super().forward(batch)
        there = (self.windows(batch)[0] != 0).any(2)
        m = encoded_once(self, batch, lambda sentences: self._encoded(self.words, sentences))
        return self._hops(m, there, batch.questions)[0]

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """Each hop's p."""
        s = told(state)
        p = self._hops(self._encoded(self.words, s), (s != 0).any(2), questions)[1]
        return {"attention": Chart(values=torch.cat(p), rows="hop", columns="sentence")}

    def _encoded(self, words: nn.Embedding, tokens: Tensor) -> Tensor:  # [.., tables, d]
        return encoded_by_each(words, tokens, self.options.dim, self.longest)

    def _hops(self, m: Tensor, there: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [Q, V] and each hop's p [Q, T], from sentences m [Q, T, tables, d]."""
        d, looks = self.options.dim, []
        unused = (self.slots - there.sum(1, keepdim=True)).clamp(min=0).to(m.dtype)
        empty = (torch.rand(there.shape, device=there.device) < self.options.noise) & self.training
        age = ages(there + 1 * empty).clamp(max=self.window - 1)  # [Q, T]
        m = m + self.times(age).unflatten(-1, (-1, d))  # temporal encoding (section 4.1)
        u = self._encoded(self.words if self.adjacent else self.b, questions)[:, 0]  # [Q, d]
        for a, c in zip(self.a, self.c, strict=True):
            scores = (m[:, :, a] @ u[:, :, None])[..., 0]  # u^T m_i [Q, T]
            scored = torch.cat([scores.masked_fill(~there, -1e9), unused.log()], 1)
            p = scored.softmax(1)[:, :-1]  # eq. 1; the unused slots score 0
            looks.append(torch.where(self.linear, scores, p) * there)
            o = (looks[-1][:, None] @ m[:, :, c])[:, 0]  # eq. 2
            u = (u if self.adjacent else self.h(u)) + o  # eq. 4, with H section 2.2
        w = self.words.weight[:, -d:] if self.adjacent else self.w.weight
        return u @ w.T, looks  # eq. 3, before its softmax
