"""Query-reduction networks (Seo et al. 2017, arXiv 1606.04582)."""

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import QrnOptions
from relmem_field.sentences import encoded


class Unit(nn.Module):
    """One direction of one layer: h_t = z_t r_t tanh(W [x_t; q_t]) + (1 - z_t) h_(t-1)."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.z, self.r, self.h = nn.Linear(d, 1), nn.Linear(d, d), nn.Linear(2 * d, d)
        nn.init.constant_(self.z.bias, -2.5)

    def forward(self, x: Tensor, q: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """All h [Q, T, d] and update gates z [Q, T]; where there is nothing, z is 0."""
        z = torch.sigmoid(self.z(x * q)) * there[..., None]
        new = torch.sigmoid(self.r(x * q)) * torch.tanh(self.h(torch.cat([x, q], dim=2)))
        h, all_h = torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            h = z[:, t] * new[:, t] + (1 - z[:, t]) * h
            all_h.append(h)
        return torch.stack(all_h, dim=1), z[..., 0]


class Qrn(WindowModel):
    """Sentence by sentence, each layer reduces the query to an easier one."""

    def __init__(self, *, sizes: Sizes, options: QrnOptions) -> None:
        super().__init__(sizes=sizes)
        self.words = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.ahead = nn.ModuleList(Unit(options.dim) for _ in range(options.layers))
        self.back = nn.ModuleList(Unit(options.dim) for _ in range(options.layers - 1))
        self.out = nn.Linear(options.dim, sizes.vocabulary)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits from the last h of the last layer."""
        return self.out(self._reduce(sentences, questions)[0])

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """The update gates: which sentences changed the query."""
        gates = torch.cat(self._reduce(told(state), questions)[1])
        return {"attention": Chart(values=gates, rows="layer", columns="sentence")}

    def _reduce(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, q = (encoded(self.words, tokens) for tokens in (sentences, questions))
        there, q, gates = (sentences != 0).any(2), q[:, None].expand_as(x), []
        for layer, ahead in enumerate(self.ahead):
            h, z = ahead(x, q, there)
            gates.append(z)
            if layer < len(self.back):  # the last layer reads forward only
                h = h + self.back[layer](x.flip(1), q.flip(1), there.flip(1))[0].flip(1)
            q = h
        return h[:, -1], gates
