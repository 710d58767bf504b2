"""Attention-over-attention reader (Cui et al. 2017, arXiv 1607.04423)."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.pointing import pointed
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import AoaOptions


class AoaReader(WindowModel):
    """Points to the words of the passage; how much a query word counts is attention, too."""

    def __init__(self, *, sizes: Sizes, options: AoaOptions) -> None:
        super().__init__(sizes=sizes)
        d, hidden = options.dim, options.hidden
        self.words = nn.Embedding(sizes.ids, d, padding_idx=0)
        nn.init.uniform_(self.words.weight, -0.05, 0.05)
        self.document = nn.GRU(d, hidden, batch_first=True, bidirectional=True)
        self.query = nn.GRU(d, hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(options.dropout)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, ids]: sum attention, the places of a word together."""
        words, _ = self._passage(sentences)
        return pointed(self._attend(words, questions), words, self.sizes.ids)

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """How much of the attention lies in each sentence."""
        sentences = told(state)
        words, order = self._passage(sentences)
        s = self._attend(words, questions)
        s = torch.zeros_like(s).scatter(1, order, s).view(sentences.shape).sum(2)
        return {"evidence": Chart(values=s, rows="passage", columns="sentence")}

    def _passage(self, sentences: Tensor) -> tuple[Tensor, Tensor]:
        flat = sentences.flatten(1)
        order = (flat == 0).long().argsort(dim=1, stable=True)  # words first, pads last
        return flat.gather(1, order), order

    def _context(self, gru: nn.GRU, tokens: Tensor) -> Tensor:
        lengths = (tokens != 0).sum(1).clamp(min=1).cpu()
        vectors = self.drop(self.words(tokens))
        if not len(tokens):  # a batch without questions
            return vectors.new_zeros(*tokens.shape, 2 * gru.hidden_size)
        packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        read, size = gru(packed)[0], tokens.shape[1]
        return pad_packed_sequence(read, batch_first=True, total_length=size)[0]

    def _attend(self, words: Tensor, questions: Tensor) -> Tensor:  # s [Q, places]
        document, query = self._context(self.document, words), self._context(self.query, questions)
        there, asked = (words != 0)[:, :, None], (questions != 0)[:, None]
        m = (document @ query.mT).masked_fill(~(there & asked), -1e9)
        alpha, beta = m.softmax(1) * there, m.softmax(2) * (there & asked)
        return (alpha @ (beta.sum(1) / there.sum(1).clamp(min=1))[:, :, None])[..., 0]
