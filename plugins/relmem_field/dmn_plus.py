"""DMN+, dynamic memory networks for text and images (Xiong et al. 2016, arXiv 1603.01417)."""

import torch
from torch import Tensor, cat, nn

from relmem_cli.contract.window import packed
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.gru import Gru
from relmem_field.options import DmnOptions
from relmem_field.passes import Passes
from relmem_field.sentences import encoded, run


class DmnPlus(Passes):
    """Input fusion by a bidirectional GRU, episodes by an attention GRU, untied memory updates."""

    def __init__(self, *, sizes: Sizes, options: DmnOptions) -> None:
        super().__init__(sizes=sizes, options=options)
        d, self.adds_up, self.ends = options.dim, True, False
        self.question = Gru(d, d)
        self.fusion = nn.GRU(d, d, batch_first=True, bidirectional=True)
        second = nn.Linear(d, 1, bias=False)  # b2, which a softmax does not notice
        self.gate = nn.Sequential(nn.Linear(4 * d, d), nn.Tanh(), second)
        if not self.soft:
            self.w, self.u = nn.Linear(d, 2 * d), nn.Linear(d, 2 * d, bias=False)  # W^r, W; U^r, U
        self.update = nn.ModuleList(nn.Linear(3 * d, d) for _ in range(options.passes))  # W^t
        self.out = nn.Linear(2 * d, sizes.vocabulary)

    def passes(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [Q, vocabulary] and each pass's gates [Q, T]."""
        ordered, count = packed(sentences)
        there = (ordered != 0).any(dim=2)
        _, q = run(self.question, self.words(questions), (questions != 0).sum(dim=1))  # [Q, d]
        f = self.drop(encoded(self.words, ordered))  # equation 5
        f = torch.stack(run(self.fusion, f, count)[0].chunk(2, dim=2)).sum(
            dim=0
        )  # equations 6 to 8
        m, gates = q, []
        given = None if self.soft else self.w(f)  # the same in all passes
        for update in self.update:
            scores = self._scores(f, m, q).masked_fill(~there, -1e9)
            gates.append(scores.softmax(dim=1) * there)  # equation 10
            c = (gates[-1][:, None] @ f)[:, 0] if given is None else self._episode(given, gates[-1])
            m = torch.relu(update(cat([m, c, q], dim=1)))  # equation 13
        return self.out(self.drop(cat([q, m], dim=1))), gates

    def _scores(self, f: Tensor, m: Tensor, q: Tensor) -> Tensor:
        """Z of equations 8 and 9, [Q, T]."""
        m, q = m[:, None], q[:, None]
        z: Tensor = self.gate(cat([f * q, f * m, (f - q).abs(), (f - m).abs()], dim=2))
        return z[..., 0]

    def _episode(self, given: Tensor, g: Tensor) -> Tensor:
        """C [Q, d], the last h of the attention GRU: g in place of the update gate (eq. 11, 12)."""
        d = self.u.in_features
        h = given.new_zeros(len(given), d)
        for x, opened in zip(given.unbind(1), g[..., None].unbind(1), strict=True):
            u = self.u(h)
            r = torch.sigmoid(x[:, :d] + u[:, :d])
            h = h.lerp(torch.tanh(torch.addcmul(x[:, d:], r, u[:, d:])), opened)
        return h
