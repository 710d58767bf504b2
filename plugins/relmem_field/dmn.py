"""DMN+, dynamic memory networks for text and images (Xiong et al. 2016, arXiv 1603.01417)."""

import torch
from torch import Tensor, cat, nn

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import DmnOptions
from relmem_field.sentences import encoded


class DmnPlus(WindowModel):
    """Input fusion by a bidirectional GRU, episodes by an attention GRU, untied memory updates."""

    def __init__(self, *, sizes: Sizes, options: DmnOptions) -> None:
        super().__init__(sizes=sizes)
        d, self.soft = options.dim, options.episode == "soft"
        self.words = nn.Embedding(sizes.vocabulary, d, padding_idx=0)
        self.question = nn.GRU(d, d, batch_first=True)
        self.ahead, self.back = nn.GRUCell(d, d), nn.GRUCell(d, d)
        self.gate = nn.Sequential(nn.Linear(4 * d, d), nn.Tanh(), nn.Linear(d, 1))
        if not self.soft:
            self.reset, self.new = nn.Linear(2 * d, d), nn.Linear(2 * d, d)
        self.update = nn.ModuleList(nn.Linear(3 * d, d) for _ in range(options.passes))
        self.out, self.drop = nn.Linear(2 * d, sizes.vocabulary), nn.Dropout(options.dropout)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        return self._passes(sentences, questions)[0]

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        g = cat(self._passes(told(state), questions)[1])
        return {"attention": Chart(values=g, rows="pass", columns="sentence")}

    def _fused(self, cell: nn.GRUCell, f: Tensor, there: Tensor) -> Tensor:
        all_h = [torch.zeros_like(f[:, 0])]
        for t in range(f.shape[1]):  # nn.GRU would read the pads before the story, too
            all_h.append(torch.where(there[:, t, None], cell(f[:, t], all_h[-1]), all_h[-1]))
        return torch.stack(all_h[1:], dim=1)

    def _passes(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        there, last = (sentences != 0).any(2), (questions != 0).sum(1).clamp(min=1) - 1
        q = self.question(self.words(questions))[0][torch.arange(len(last)), last]
        f, m, looks = self.drop(encoded(self.words, sentences)), q, []
        back = self._fused(self.back, f.flip(1), there.flip(1)).flip(1)
        f = self._fused(self.ahead, f, there) + back
        for update in self.update:
            z = [f * q[:, None], f * m[:, None], (f - q[:, None]).abs(), (f - m[:, None]).abs()]
            looks.append(self.gate(cat(z, 2))[..., 0].masked_fill(~there, -1e9).softmax(1) * there)
            m = torch.relu(update(cat([m, self._episode(f, looks[-1]), q], 1)))
        return self.out(self.drop(cat([q, m], 1))), looks

    def _episode(self, f: Tensor, g: Tensor) -> Tensor:  # the attention GRU: g in place of u
        if self.soft:
            return (g[:, None] @ f)[:, 0]
        h = torch.zeros_like(f[:, 0])
        for t in range(f.shape[1]):
            r = self.reset(cat([f[:, t], h], 1)).sigmoid()
            h = h.lerp(self.new(cat([f[:, t], r * h], 1)).tanh(), g[:, t, None])
        return h
