"""Dynamic memory networks (Kumar et al. 2016, arXiv 1506.07285)."""

import torch
from torch import Tensor, cat, nn
from torch.nn.functional import linear, pad

from relmem_cli.contract.window import packed
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.dmn_plus import DmnPlus
from relmem_field.gru import Gru
from relmem_field.options import DmnOptions
from relmem_field.passes import Passes
from relmem_field.sentences import in_a_row, run, stories


def build(*, sizes: Sizes, options: DmnOptions) -> Passes:
    """DMN, or DMN+ where the options say so."""
    return (DmnPlus if options.plus else Dmn)(sizes=sizes, options=options)


class Dmn(Passes):
    """A GRU over all words; gates by similarity; episodes and memory are GRUs, too."""

    def __init__(self, *, sizes: Sizes, options: DmnOptions) -> None:
        super().__init__(sizes=sizes, options=options)
        d = options.dim
        self.reader = Gru(d, d)  # of input and question (2.1, 2.2)
        self.end = nn.Parameter(torch.randn(d) / d**0.5)  # end of passes (2.3)
        self.similar = nn.Linear(d, d, bias=False)  # W^b
        second = nn.Linear(d, 1, bias=not self.soft)  # which a softmax does not notice
        self.gate = nn.Sequential(nn.Linear(7 * d + 2, d), nn.Tanh(), second)
        self.memory, self.answerer = nn.GRUCell(d, d), nn.GRUCell(d, d)
        self.episode = None if self.soft else nn.GRUCell(d, d)
        self.out = nn.Linear(d, sizes.vocabulary)  # W^a

    def passes(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [Q, vocabulary] and each pass's gates [Q, T + 1]."""
        c, there = self._facts(sentences)
        last = there.sum(dim=1, keepdim=True) - 1  # the end's place
        _, q = run(self.reader, self.drop(self.words(questions)), (questions != 0).sum(dim=1))
        m, gates = q, []  # m^0 = q
        # z = [c, m, q, c o q, c o m, |c - q|, |c - m|, c W^b q, c W^b m]; m alone is new in a pass
        weight, bias, *_ = self.gate.parameters()  # W1, b1
        w = torch.split(weight, [*[c.shape[2]] * 7, 1, 1], dim=1)
        asked = linear(c, w[0], bias) + linear(q, w[2])[:, None]
        asked = asked + self._alike(c, q, w[3::2])
        cell = self.episode  # what it makes of c alone is the same in all passes
        given = c if cell is None else linear(c, cell.weight_ih, cell.bias_ih)
        for _ in range(self.count):
            z = asked + linear(m, w[1])[:, None] + self._alike(c, m, w[4::2])  # W1 z(c, m, q) + b1
            scores = self.gate[1:](z)[..., 0].masked_fill(~there, -1e9)  # W2 tanh(...) + b2
            g = scores.softmax(dim=1) if self.soft else scores.sigmoid()  # G(c, m, q)
            e = (g[:, None] @ c)[:, 0] if cell is None else self._episode(cell, given, g)
            m = self.memory(e, m).lerp(m, g.gather(1, last))  # m^i = GRU(e^i, m^(i-1)), or the end
            gates.append(g)
        return self.out(self.drop(self.answerer(q, m))), gates  # a_1 = GRU([y_0 = 0, q], a_0 = m)

    def _facts(self, sentences: Tensor) -> tuple[Tensor, Tensor]:
        """C [Q, T + 1, d], the reader's state after each sentence, then the end; what is there."""
        ordered, count = packed(sentences)
        ends = (ordered != 0).sum(dim=2).cumsum(dim=1).sub(1).clamp(min=0)  # place of its last word
        longest, which = stories(ordered)  # one question's story goes on where another's ends
        vectors, _, words = in_a_row(self.drop(self.words(longest)), longest != 0)
        h, _ = run(self.reader, vectors, words)
        c = pad(h[which[:, None], ends], (0, 0, 0, 1))
        place = torch.arange(c.shape[1], device=c.device)
        return c.where((place != count[:, None])[..., None], self.end), place <= count[:, None]

    def _alike(self, c: Tensor, x: Tensor, weights: tuple[Tensor, ...]) -> Tensor:
        """What c o x, |c - x| and c W^b x of z add to W1 z [Q, T + 1, d], for x [Q, d]."""
        by_similar, x = (x @ self.similar.weight)[:, :, None], x[:, None]
        return linear(cat([c * x, (c - x).abs(), c @ by_similar], dim=2), cat(weights, dim=1))

    def _episode(self, cell: nn.GRUCell, given: Tensor, g: Tensor) -> Tensor:
        """e^i, the last h of h_t = g_t GRU(c_t, h_(t-1)) + (1 - g_t) h_(t-1), [Q, d]."""
        d = cell.hidden_size
        h = given.new_zeros(len(given), d)
        for c, opened in zip(given.unbind(1), g[..., None].unbind(1), strict=True):
            u = linear(h, cell.weight_hh, cell.bias_hh)
            r, z = torch.sigmoid(c[:, : 2 * d] + u[:, : 2 * d]).chunk(2, dim=1)
            new = torch.tanh(torch.addcmul(c[:, 2 * d :], r, u[:, 2 * d :]))
            h = h.lerp(new, opened * (1 - z))
        return h
