"""Query-reduction networks (Seo et al. 2017, arXiv 1606.04582)."""

import torch
from torch import Tensor, cat, nn
from torch.nn.functional import logsigmoid

from relmem_cli.contract import Kernels
from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import QrnOptions
from relmem_field.sentences import encoded


def by_matrix(b: Tensor, new: Tensor) -> Tensor:
    """All h [Q, T, d] at once, from b = log(1 - z) [Q, T, n] and z r h~ [Q, T, d]; n is 1 or d.

    Section 2.3: H = [L o exp(L [B o L'])] [Z o H~], where L and L' are lower and strictly lower
    ones; that is, h_t = sum over i <= t of exp(sum over i < j <= t of b_j) z_i r_i h~_i.
    """
    steps = torch.arange(b.shape[1], device=b.device)
    later = steps[:, None] > steps  # L' [T, T]: j > i
    decay = (b.mT[..., None] * later).cumsum(dim=2).exp().tril()  # [Q, n, T, T]
    parts = new.view(*b.shape, -1).transpose(1, 2)  # [Q, n, T, d/n]
    return (decay @ parts).transpose(1, 2).flatten(2)


def by_steps(b: Tensor, new: Tensor) -> Tensor:
    """The same by equation 3, h_t = z_t r_t h~_t + (1 - z_t) h_(t-1), one t after another."""
    h, all_h = torch.zeros_like(new[:, 0]), []
    for kept, one in zip(b.exp().unbind(1), new.unbind(1), strict=True):
        h = one + kept * h
        all_h.append(h)
    return torch.stack(all_h, dim=1)


class Qrn(WindowModel):
    """Sentence by sentence, each layer reduces the query to an easier one."""

    def __init__(self, *, sizes: Sizes, options: QrnOptions) -> None:
        super().__init__(sizes=sizes, window=options.memories)
        d, self.layers = options.dim, options.layers
        gates = d if options.gates == "vector" else 1
        self.words = nn.Embedding(sizes.vocabulary, d, padding_idx=0)
        self.update, self.new = nn.Linear(d, gates), nn.Linear(2 * d, d)  # one for all layers
        self.reset = nn.Linear(d, gates) if options.reset and self.layers > 1 else None
        self.out = nn.Linear(d, sizes.vocabulary, bias=False)
        for linear in (self.update, self.new, *filter(None, [self.reset])):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)
        nn.init.constant_(self.update.bias, -options.forget_bias)  # of 1 - z
        nn.init.uniform_(self.words.weight, -(3**0.5), 3**0.5)  # of variance 1
        nn.init.normal_(self.out.weight, std=d**-0.5)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits from the last h of the last layer."""
        logits: Tensor = self.out(self._reduce(sentences, questions)[0])
        return logits

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """The update gates: which sentences changed the query."""
        gates = torch.stack(self._reduce(told(state), questions)[1])[:, 0].mean(dim=2)
        return {"attention": Chart(values=gates, rows="layer", columns="sentence")}

    def _reduce(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        scan = by_steps if self.kernels == Kernels.reference else by_matrix
        there = (sentences != 0).any(dim=2)[..., None]  # [Q, T, 1]
        x, gates = encoded(self.words, sentences), []  # [Q, T, d]
        q = encoded(self.words, questions)[:, None].expand_as(x)
        for layer in range(1, self.layers + 1):
            a = self.update(x * q)  # z = sigmoid(a), of equation 1
            b = logsigmoid(-a) * there  # log(1 - z), 0 where there is no sentence
            gates.append(torch.sigmoid(a) * there)
            new = torch.tanh(self.new(cat([x, q], dim=2)))  # h~, equation 2
            if self.reset is not None and layer < self.layers:
                new = torch.sigmoid(self.reset(x * q)) * new  # equation 5
            new = gates[-1] * new
            if layer < self.layers:  # both directions, added (equation 4); the last: forward
                q = scan(b, new) + scan(b.flip(1), new.flip(1)).flip(1)
            else:
                h = scan(b, new)
        return h[:, -1], gates
