"""Neural semantic encoders that test hypotheses (Munkhdalai & Yu, arXiv 1607.04315, 1610.06454)."""

import torch
from torch import Tensor, cat, nn

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.pointing import pointed
from relmem_cli.contract.window import Window, WindowModel, packed, told
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import NseOptions
from relmem_field.sentences import encoded, in_a_row, run


class Nse(WindowModel):
    """Reads the query's memory, then the story's, and writes what it found to the query's."""

    def __init__(self, *, sizes: Sizes, options: NseOptions) -> None:
        super().__init__(sizes=sizes)
        d, k = options.dim, 2 * options.dim
        self.steps, self.adaptive = options.steps, options.adaptive
        self.words = nn.Embedding(sizes.ids, d, padding_idx=0)
        self.query = nn.LSTM(d, d, batch_first=True, bidirectional=True)
        self.story = nn.LSTM(d, d, batch_first=True, bidirectional=True)
        self.reader, self.writer = nn.LSTMCell(2 * k, k), nn.LSTMCell(k, k)
        self.composer = nn.Sequential(nn.Linear(3 * k, k), nn.ReLU())
        self.gate = nn.Linear(k, 1 if self.adaptive else k)
        self.drop = nn.Dropout(options.dropout)
        self.out = None if options.memory == "words" else nn.Linear(k, sizes.ids)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, ids]: of the last step, or of each by how probable it is to be the last."""
        c, z, last = self._read(sentences, questions)
        if self.out is None:
            return pointed((last[:, None] @ z)[:, 0], sentences.flatten(1), self.sizes.ids)
        p: Tensor = self.out(self.drop(c)).softmax(dim=2)  # [Q, steps, ids]
        return ((last[:, None] @ p)[:, 0] + 1e-30).log()

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """What each step read of the story, and how probable it is to be the last one."""
        _, z, last = self._read(told(state), questions)
        z = z.view(*z.shape[:2], told(state).shape[1], -1).sum(dim=3)
        return {
            "attention": Chart(values=z[0], rows="step", columns="sentence"),
            "last": Chart(values=last, rows="probability", columns="step"),
        }

    def _read(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Each step's c [Q, steps, k], z^d [Q, steps, N], and how probably it is the last one."""
        if self.out is None:
            vectors, order, count = in_a_row(self.words(sentences), sentences != 0)
        else:
            ordered, count = packed(sentences)
            vectors, order = encoded(self.words, ordered), None
        memory, _ = run(self.story, self.drop(vectors), count)  # M^d [Q, N, k]
        there = torch.arange(memory.shape[1], device=memory.device) < count[:, None]
        c, z, last = self._steps(memory, there, questions)
        if order is not None:  # to where the words stand
            z = torch.zeros_like(z).scatter(2, order[:, None].expand_as(z), z)
        return c, z, last

    def _steps(self, memory: Tensor, there: Tensor, questions: Tensor) -> list[Tensor]:
        asked = questions != 0
        m, s = run(self.query, self.drop(self.words(questions)), asked.sum(dim=1))  # M^q_0
        d, r, w = torch.zeros_like(s), None, None  # s^d_0, and the LSTMs' states
        left, found = torch.ones_like(s[:, 0]), []
        for step in range(1, self.steps + 1):
            r = self.reader(cat([s, d], dim=1), r)  # o_t, equation 1
            z = attended(m, r[0], asked)  # equation 2
            s = (z[:, None] @ m)[:, 0]  # s^q_t, equation 3
            y = attended(memory, s, there)  # z^d_t
            d = (y[:, None] @ memory)[:, 0]  # s^d_t
            c = self.composer(cat([r[0], s, d], dim=1))  # equation 4, of two memories
            w = self.writer(c, w)  # h_t, equation 5
            new = m + z[:, :, None] * (w[0][:, None] - m)  # equation 6
            gate = self.gate(w[0]).sigmoid()
            m = new if self.adaptive else gate[:, None] * m + (1 - gate[:, None]) * new
            ends = left * gate[:, 0] if self.adaptive else left * 0
            found.append((c, y, left if step == self.steps else ends))
            left = left - ends  # how probable it is that there is another step
        return [torch.stack(each, dim=1) for each in zip(*found, strict=True)]


def attended(memory: Tensor, by: Tensor, there: Tensor) -> Tensor:
    """softmax(o^T M) [Q, N] over what is there."""
    scores = (memory @ by[:, :, None])[:, :, 0]
    return scores.masked_fill(~there, -1e9).softmax(dim=1) * there
