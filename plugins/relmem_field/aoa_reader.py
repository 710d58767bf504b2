"""Attention-over-attention reader (Cui et al. 2017, arXiv 1607.04423)."""

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.pointing import pointed
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import AoaOptions
from relmem_field.words import BothWays, pointer_loss, words_first


class AoaReader(WindowModel):
    """Points to the words of the passage; how much a query word counts is attention, too."""

    def __init__(self, *, sizes: Sizes, options: AoaOptions) -> None:
        super().__init__(sizes=sizes)
        d, hidden = options.dim, options.hidden
        self.words = nn.Embedding(sizes.ids, d, padding_idx=0)  # W_e
        self.document, self.query = BothWays(d, hidden), BothWays(d, hidden)
        self.drop = nn.Dropout(options.dropout)
        nn.init.uniform_(self.words.weight[1:], -0.05, 0.05)  # section 4.1
        for name, weight in self.named_parameters():
            for gate in weight.data.chunk(3) if "weight_hh" in name else ():
                nn.init.orthogonal_(gate)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, ids]: eq. 11, log P(w | D, Q) by the sum of s over the places of w."""
        words, _ = words_first(sentences.flatten(1))
        return pointed(self._attend(words, questions), words, self.sizes.ids)

    def loss(self, batch: StoryBatch) -> Tensor:
        """Eq. 12: -log P(answer | D, Q), among all words of the passage."""
        return pointer_loss(self(batch), batch.answers)

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """How much of s lies in each sentence."""
        sentences = told(state)
        words, order = words_first(sentences.flatten(1))
        s = self._attend(words, questions)
        s = s.new_zeros(sentences.flatten(1).shape).scatter(1, order, s)
        return {
            "evidence": Chart(values=s.view(sentences.shape).sum(2), rows="s", columns="sentence")
        }

    def _context(self, gru: BothWays, words: Tensor) -> Tensor:
        """h(x) [Q, n, 2 hidden], eqs. 1 to 3: both directions' states at each word."""
        states, _ = gru(self.drop(self.words(words)), (words != 0).sum(dim=1))
        return torch.as_tensor(states)

    def _attend(self, words: Tensor, questions: Tensor) -> Tensor:
        """S [Q, |D|], eq. 10, for the words of the documents [Q, |D|]; 0 at pads."""
        asked, _ = words_first(questions)
        h_doc = self._context(self.document, words)  # [Q, |D|, 2 hidden]
        h_query = self._context(self.query, asked)  # [Q, |Q|, 2 hidden]
        in_d, in_q = (words != 0)[:, :, None], (asked != 0)[:, None]
        m = (h_doc @ h_query.mT).masked_fill(~(in_d & in_q), -1e9)  # M [Q, |D|, |Q|], eq. 5
        alpha = m.softmax(dim=1) * in_d  # eqs. 6, 7: of each query word over the document
        beta = m.softmax(dim=2) * (in_d & in_q)  # eq. 8: of each document word over the query
        beta = beta.sum(dim=1) / in_d.sum(dim=1).clamp(min=1)  # [Q, |Q|], eq. 9
        return torch.einsum("qdt,qt->qd", alpha, beta)  # eq. 10
