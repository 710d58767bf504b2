"""Memory networks (Weston et al. 2014, arXiv 1410.3916), taught by supporting facts or without."""

from collections.abc import Sequence

import torch
from torch import Tensor, arange, nn
from torch.nn.functional import multi_margin_loss, one_hot, pad

from relmem_cli.contract.model import Chart, Explanation, Loss
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.options import MemNNOptions
from relmem_field.ranking import Likely, Right, missed, taught, winner
from relmem_field.sentences import small_embedding


class MemNN(WindowModel):
    """s_O finds one fact after another, s_R the answer; the last of N facts is "none"."""

    def __init__(self, *, sizes: Sizes, options: MemNNOptions) -> None:
        super().__init__(sizes=sizes)
        v, d, self.options = sizes.vocabulary, options.dim, options
        self.question = small_embedding(v, 2 * d)  # U_O phi_x, U_R phi_x
        self.memory = small_embedding(v, 3 * d)  # both of a fact, and its U_O phi_y
        self.time = nn.Linear(d, 3, bias=False)  # U_O phi_t, one feature a row
        self.none = nn.Parameter(torch.zeros(d))  # U_O phi_y of "none"
        self.word = nn.Linear(d, v, bias=False)  # U_R phi_y
        self.likely = Likely(v)  # for weak supervision alone

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """The words that facts can have in common."""
        self.likely.prepare(vocabulary, stories)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """s_R(x and the facts found, w) for each word w."""
        return self._hops(sentences, questions)[0]

    def loss(self, batch: StoryBatch) -> Loss:
        """The margin ranking loss (eq. 6-8), in sums over all that is wrong, not samples of it."""
        sentences, questions = self.windows(batch)
        right = taught(self._true(batch), sentences.shape[1] + 1)
        if self.options.supervision == "weak":
            right = self.likely(sentences, questions, batch.spelled, hops=self.options.lookups)
        logits, _, losses = self._hops(sentences, questions, right)
        kept, margin = batch.answers != IGNORED, self.options.margin
        words = multi_margin_loss(logits[kept], batch.answers[kept], margin=margin)
        parts = {f"fact {hop}": loss[kept].mean() for hop, loss in enumerate(losses, 1)}
        return parts | {"answers": words * logits.shape[1]}

    def measure(self, batch: StoryBatch) -> dict[str, Tensor]:
        """Whether it finds the facts that the data set names, and in their order."""
        found = torch.stack(self._hops(*self.windows(batch))[1], dim=1)
        return {"facts": (found == self._true(batch)).all(1)}

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """The fact that each hop finds."""
        facts = told(state)
        found = one_hot(torch.cat(self._hops(facts, questions)[1]), facts.shape[1] + 1)
        return {"attention": Chart(values=found[:, :-1], rows="hop", columns="sentence")}

    def _true(self, batch: StoryBatch) -> Tensor:  # the supporting facts [Q, hops], then "none"
        s = pad(self.supports(batch), (0, self.options.lookups), value=-1)[
            :, : self.options.lookups
        ]
        return torch.where(s < 0, self.supported(batch).shape[1], s)

    def _hops(
        self, sentences: Tensor, questions: Tensor, right: Right | None = None
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Logits [Q, V]; the fact that each hop finds [Q], of the right ones if told; its loss."""
        there = pad((sentences != 0).any(2), (0, 1), value=True)  # [Q, N]
        rows, i = (arange(size, device=there.device) for size in there.shape)
        real, x = i < len(i) - 1, self.question(questions).sum(1)  # [N], [Q, 2 d]
        x_memory, y = pad(self.memory(sentences).sum(2), (0, 0, 0, 1)).tensor_split([x.shape[1]], 2)
        y, older = y + self.none * ~real[:, None], (i[:, None] < i) & real & real[:, None]
        f, found, losses = rows * 0 + len(i), list[Tensor](), list[Tensor]()  # f: newer than all
        for _ in range(self.options.lookups):
            x_o = x.chunk(2, dim=1)[0]  # [Q, d]
            a, t = (y @ x_o[:, :, None])[..., 0], self.time(x_o)[:, :, None]  # [Q, N], [Q, 3, 1]
            late = (f[:, None] < i) & real  # x is older than y [Q, N]; `older`, y than y' [N, N]
            first, second = a + t[:, 0] * late, t[:, 1] * late - a
            s = first[:, :, None] + second[:, None] + t[:, 2:] * older  # s_Ot(x, y, y'), sec. 3.4
            may = there if right is None else right(found) & there
            f, loss = winner(s, may), missed(s, may, there & ~may, self.options.margin)
            found, losses, x = [*found, f], [*losses, loss], x + x_memory[rows, f]
        return self.word(x.chunk(2, dim=1)[1]), found, losses
