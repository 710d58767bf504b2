"""Recurrent relational networks (Palm et al. 2018, arXiv 1711.08028)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear, one_hot

from relmem_cli.contract.model import Chart, Explanation, Loss, restrict
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import RrnOptions
from relmem_field.pairs import PairLayer, dense, mlp
from relmem_field.sentences import last_state


class Rrn(WindowModel):
    """Facts are the nodes of a full graph; they send each other messages, `steps` times."""

    def __init__(self, *, sizes: Sizes, options: RrnOptions) -> None:
        super().__init__(sizes=sizes, window=options.sentences)
        self.steps, d, n = options.steps, options.dim, options.width
        self.words = nn.Embedding(sizes.vocabulary, d, padding_idx=0)
        self.fact = nn.LSTM(d, d, batch_first=True)
        self.question = nn.LSTM(d, d, batch_first=True)
        self.x = nn.Linear(2 * d + 2 * self.window, n)
        self.pair = PairLayer(dim=n, asked=d, width=n, gain=2)  # f begins here
        self.f = nn.Sequential(nn.ReLU(), mlp(n, n, n, gain=2), nn.ReLU())
        self.message = dense(n, n, gain=2)  # and ends here
        self.message.weight.data.div_(self.window)  # so many are summed
        self.update = mlp(2 * n, n, n, n, n, gain=2)
        self.node = nn.LSTMCell(n, n)
        drop = nn.Dropout(options.dropout)
        self.readout = nn.Sequential(  # r
            *(dense(n, n, gain=2), nn.ReLU(), drop, dense(n, n, gain=2), nn.ReLU(), drop),
            nn.Linear(n, sizes.vocabulary),
        )

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, vocabulary]: those of the last step."""
        return self._run(sentences, questions)[0][-1]

    def loss(self, batch: StoryBatch) -> Loss:
        """The mean over the steps of the answers' cross-entropy: every step has to answer."""
        known = batch.answers > 0
        right, count = batch.answers.where(known, IGNORED), known.sum().clamp(min=1) * self.steps
        outputs = (restrict(o, batch.candidates) for o in self._run(*self.windows(batch))[0])
        losses = [
            cross_entropy(o, right, ignore_index=IGNORED, reduction="sum") / count for o in outputs
        ]
        return {f"step {t}": loss for t, loss in enumerate(losses, 1)}

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """The length of each message in the last step: from row to column."""
        z = self._run(told(state), questions)[1][0]
        sizes = linear(z, self.message.weight, self.message.bias).norm(dim=2)
        return {"relations": Chart(values=sizes, rows="sentence", columns="sentence")}

    def _run(self, sentences: Tensor, questions: Tensor) -> tuple[list[Tensor], Tensor]:
        """Each step's logits [Q, vocabulary], and the last messages but for f's last layer."""
        there = (sentences != 0).any(dim=2)[..., None]  # [Q, T, 1]
        q = last_state(self.question, self.words, questions)  # [Q, d]
        s = last_state(self.fact, self.words, sentences)  # [Q, T, d]
        both = [s, self._place(there[..., 0]).to(s.dtype), q[:, None].expand_as(s)]
        x = h = self.x(torch.cat(both, dim=2))  # x_i = h_i^0 [Q, T, n]
        state, outputs = None, []
        for _ in range(self.steps):
            z = self.f(self.pair(h, q)) * there[:, :, None]  # from i to j [Q, i, j, n]
            m = linear(z.sum(dim=1), self.message.weight)  # m_j = sum over i of f(h_i, h_j, q)
            m = m + there.sum(dim=1, keepdim=True) * self.message.bias
            inputs = self.update(torch.cat([x, m], dim=2)).flatten(0, 1)
            state = self.node(inputs, state)  # h_j^t, s_j^t [Q T, n]
            h = state[0].view_as(x)
            outputs.append(self.readout((h * there).sum(dim=1)))  # o^t = r(sum over j of h_j^t)
        return outputs, z

    def _place(self, there: Tensor) -> Tensor:
        """Each fact's place, the oldest's a random one, one-hot [Q, T, 2 window] (section 3.1)."""
        shape, most = (len(there), 1), self.window
        start = torch.full(shape, most // 2, device=there.device)
        if self.training:
            start = torch.randint(most, shape, device=there.device)
        return one_hot((there.cumsum(dim=1) - 1).clamp(min=0) + start, 2 * most)
