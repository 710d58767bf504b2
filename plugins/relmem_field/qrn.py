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
        self.longest = max(sizes.sentence_length, sizes.question_length)
        self.words = nn.Embedding(sizes.vocabulary, d, padding_idx=0)
        self.update, self.new = nn.Linear(d, gates), nn.Linear(2 * d, d)  # one for all layers
        resets = options.reset and self.layers > 1
        self.reset = nn.Linear(d, 2 * gates) if resets else None  # one ahead and one back
        self.out = nn.Linear(d, sizes.vocabulary, bias=False)
        self.forget_bias = options.forget_bias
        all_gates = (self.update, *filter(None, [self.reset]))
        for wide in (self.words.weight, *(gate.weight for gate in all_gates)):
            nn.init.uniform_(wide, -(3**0.5), 3**0.5)  # of variance 1, the others 1 / inputs
        for linear in (self.new, self.out):
            most = (3 / linear.in_features) ** 0.5
            nn.init.uniform_(linear.weight, -most, most)
        for gate in (*all_gates, self.new):
            nn.init.zeros_(gate.bias)

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
        x, gates = encoded(self.words, sentences, self.longest), []  # [Q, T, d]
        q = encoded(self.words, questions, self.longest)[:, None].expand_as(x)
        for layer in range(1, self.layers + 1):
            a = self.update(x * q) - self.forget_bias  # z = sigmoid(a), of equation 1
            b = logsigmoid(-a) * there  # log(1 - z), 0 where there is no sentence
            gates.append(torch.sigmoid(a) * there)
            new = torch.tanh(self.new(cat([x, q], dim=2)))  # h~, equation 2
            ahead = back = new = gates[-1] * new
            if layer == self.layers:  # which goes forward alone
                h = scan(b, new)
                break
            if self.reset is not None:  # equation 5
                ahead, back = (r * new for r in torch.sigmoid(self.reset(x * q)).chunk(2, dim=2))
            q = scan(b, ahead) + scan(b.flip(1), back.flip(1)).flip(1)  # equation 4
        return h[:, -1], gates
