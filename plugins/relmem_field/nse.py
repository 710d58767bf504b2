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
        d, k, self.steps = options.dim, 2 * options.dim, options.steps
        self.adaptive = options.adaptive
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
        memory, there, order = self._story(sentences)
        composed, z, last = self._steps(memory, there, questions)  # each [Q, steps, ...]
        if self.out is not None:
            p: Tensor = self.out(self.drop(composed)).softmax(dim=2)  # [Q, steps, ids]
            return ((last[:, None] @ p)[:, 0] + 1e-30).log()
        words = sentences.flatten(1).gather(1, order)
        return pointed((last[:, None] @ z)[:, 0], words, self.sizes.ids)

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """What each step read of the story, and how probable it is to be the last one."""
        sentences = told(state)
        memory, there, order = self._story(sentences)
        _, z, last = self._steps(memory, there, questions)
        if self.out is None:
            place = order[:, None].expand_as(z)
            z = torch.zeros_like(z).scatter(2, place, z).view(*z.shape[:2], *sentences.shape[1:])
            z = z.sum(dim=3)
        return {
            "attention": Chart(values=z[0], rows="step", columns="sentence"),
            "last": Chart(values=last, rows="probability", columns="step"),
        }

    def _story(self, sentences: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """M^d [Q, N, k] of sentences or of words, what is there [Q, N], and the words' order."""
        vectors, order, count = in_a_row(self.words(sentences), sentences != 0)
        if self.out is not None:
            ordered, count = packed(sentences)
            vectors = encoded(self.words, ordered)
        memory, _ = run(self.story, self.drop(vectors), count)
        return memory, torch.arange(memory.shape[1], device=memory.device) < count[:, None], order

    def _steps(
        self, memory: Tensor, there: Tensor, questions: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """C [Q, steps, k], z^d [Q, steps, N] and how probable each step is the last [Q, steps]."""
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
            stops = gate[:, 0] if self.adaptive else left * 0
            stops = left if step == self.steps else left * stops
            left = left - stops
            found.append((c, y, stops))
        c, y, stops = (torch.stack(each, dim=1) for each in zip(*found, strict=True))
        return c, y, stops


def attended(memory: Tensor, by: Tensor, there: Tensor) -> Tensor:
    """softmax(o^T M) [Q, N] over what is there."""
    scores = (memory @ by[:, :, None])[:, :, 0]
    return scores.masked_fill(~there, -1e9).softmax(dim=1) * there
