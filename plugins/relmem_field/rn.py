"""Relation networks (Santoro et al. 2017, arXiv 1706.01427)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import RnOptions
from relmem_field.pairs import PairLayer, mlp
from relmem_field.sentences import last_state


class Rn(WindowModel):
    """RN(O) = f_phi(sum over i, j of g_theta(o_i, o_j, q)): every sentence with every other."""

    def __init__(self, *, sizes: Sizes, options: RnOptions) -> None:
        super().__init__(sizes=sizes, window=options.sentences)
        d, n = options.dim, options.width
        self.words = nn.Embedding(sizes.vocabulary, d, padding_idx=0)
        self.sentence = nn.LSTM(d, d, batch_first=True)
        self.question = nn.LSTM(d, d, batch_first=True)
        self.pair = PairLayer(dim=d + options.sentences, asked=d, width=n)
        self.g = nn.Sequential(nn.ReLU(), mlp(n, n, n, n), nn.ReLU())  # after the pair layer
        self.f = mlp(n, n, 2 * n)
        self.out = nn.Sequential(
            nn.ReLU(), nn.Dropout(options.dropout), nn.Linear(2 * n, sizes.vocabulary)
        )

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, vocabulary]: f_phi of the sum (eq. 1)."""
        logits: Tensor = self.out(self.f(self._pairs(sentences, questions).sum(dim=(1, 2))))
        return logits

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """How much each pair adds to the sum: the length of its g_theta."""
        sizes = self._pairs(told(state), questions)[0].norm(dim=2)
        return {"relations": Chart(values=sizes, rows="sentence", columns="sentence")}

    def _pairs(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """g_theta(o_i, o_j, q) [Q, i, j, n]; 0 where there is no sentence."""
        there = (sentences != 0).any(dim=2)  # [Q, T]
        q = last_state(self.question, self.words, questions)  # [Q, d]
        age = torch.arange(there.shape[1], device=there.device).flip(0)  # 0: the newest
        tag = one_hot(age, self.window).to(q.dtype)  # [T, window], its relative place
        h = last_state(self.sentence, self.words, sentences)  # [Q, T, d]
        o = torch.cat([h, tag.expand(len(h), -1, -1)], dim=2)  # [Q, T, d + window]
        g: Tensor = self.g(self.pair(o, q))
        return g * (there[:, :, None] & there[:, None])[..., None]
