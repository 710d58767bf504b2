"""End-to-end memory networks (Sukhbaatar et al. 2015, arXiv 1503.08895)."""

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import MemN2NOptions
from relmem_field.sentences import encoded


class MemN2N(WindowModel):
    """u, the question, looks `hops` times at the sentences; position and temporal encoding."""

    def __init__(self, *, sizes: Sizes, options: MemN2NOptions) -> None:
        super().__init__(sizes=sizes, window=options.memories)
        hops, d, self.noise, self.share = options.hops, options.dim, options.noise, options.linear
        adjacent = options.tying == "adjacent"
        self.ac = [(k, k + 1) if adjacent else (0, 1) for k in range(hops)]  # A and C of each hop
        self.b, self.w, times = (0, hops, hops + 1) if adjacent else (2, 3, 2)
        self.words = nn.ModuleList(nn.Embedding(sizes.vocabulary, d) for _ in range(self.w + 1))
        self.times = nn.ModuleList(nn.Embedding(options.memories, d) for _ in range(times))
        self.h = nn.Identity() if adjacent else nn.Linear(d, d, bias=False)
        self.register_buffer("linear", torch.tensor(False))  # no softmax: in the state dict
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.1)

    def epoch(self, number: int, last: int) -> bool:
        """Linear start."""
        phase = int(self.share * last)
        self.linear.fill_(number <= phase)
        return number == phase + 1

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        return self._hops(sentences, questions)[0]

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        p = torch.cat(self._hops(told(state), questions)[1])
        return {"attention": Chart(values=p, rows="hop", columns="sentence")}

    def _hops(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        there, looks = (sentences != 0).any(-1), []
        u = encoded(self.words[self.b], questions)
        gaps = (torch.rand(there.shape, device=there.device) < self.noise) & self.training
        age = (there + 1 * gaps).flip(1).cumsum(1).flip(1).sub(1).clamp(0, self.window - 1)
        for a, c in self.ac:
            m, o = (encoded(self.words[x], sentences) + self.times[x](age) for x in (a, c))
            scores = (m @ u[:, :, None])[:, :, 0]
            p = scores.masked_fill(~there, -1e9).softmax(1)
            looks.append(torch.where(self.linear, scores, p) * there)
            u = self.h(u) + (looks[-1][:, None] @ o)[:, 0]
        return u @ self.words[self.w].weight.T, looks
