"""EpiReader's second half (Trischler et al. 2016, arXiv 1606.02270, section 3.3)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d

from relmem_cli.contract.window import packed
from relmem_field.gru import Gru
from relmem_field.options import EpiOptions
from relmem_field.words import at_end, with_blank


class Reasoner(nn.Module):
    """How well the sentences of a passage, one after another, bear out each hypothesis."""

    def __init__(self, options: EpiOptions) -> None:
        super().__init__()
        d, f, m = options.dim, options.filters, options.width
        self.sentence = nn.Conv1d(d + 2, f, m, padding="same")  # F^S
        self.hypothesis = nn.Conv1d(d, f, m, padding="same")  # F^H
        self.bilinear = nn.Parameter(torch.empty(f, f))  # R
        self.evidence = Gru(2 * f + 1, options.hidden)
        self.score = nn.Linear(options.hidden, 1, bias=False)  # what is added to all e_k cancels
        self.register_buffer("blank", torch.tensor(0))  # the place holder's id
        nn.init.xavier_uniform_(self.bilinear)

    def forward(
        self, words: nn.Embedding, sentences: Tensor, questions: Tensor, answers: Tensor
    ) -> Tensor:
        """Log e [Q, K], up to a constant, for sentences [Q, T, n], questions and answers [Q, K]."""
        sentences, count = packed(sentences)  # pads last, as a GRU reads them
        s, k = sentences[:, :, : _longest(sentences)], answers.shape[1]
        asked, at = with_blank(questions, self.get_buffer("blank"))
        h = torch.where(at[:, None], answers[:, :, None], asked[:, None])  # H_k [Q, K, words + 1]
        r_h = _pooled(self.hypothesis(words(h).flatten(0, 1).mT), h)  # [Q, K, F]
        r_s = self._sentences(words, s, words(asked), words(answers))  # [Q, T, K, F]
        same = torch.einsum("qtkf,fg,qkg->qtk", r_s, self.bilinear, r_h)  # r_S^T R r_H
        x = torch.cat([same[..., None], r_s, r_h[:, None].expand_as(r_s)], dim=3)  # x_ik
        y, _ = self.evidence(x.transpose(1, 2).flatten(0, 1))  # after each sentence [Q K, T, h]
        e: Tensor = self.score(at_end(y, count.repeat_interleave(k)))  # [Q K, 1]
        return e.view(-1, k)

    def _sentences(self, words: nn.Embedding, s: Tensor, asked: Tensor, answers: Tensor) -> Tensor:
        """r_S [Q, T, K, F] of sentences [Q, T, n] with M's two rows under their word vectors.

        The first, each word's inner product with the answer, differs from one hypothesis to the
        next; the second, its greatest with a word of the question, does not: nor do the vectors.
        """
        vectors, there, d = words(s), (s != 0), words.embedding_dim  # [Q, T, n, d]
        first = torch.einsum("qtnd,qkd->qtkn", vectors, answers)
        second = torch.einsum("qtnd,qwd->qtnw", vectors, asked)
        second = second.masked_fill(~(asked != 0).any(2)[:, None, None], -1e9).amax(dim=3) * there
        every = torch.cat([vectors, second[..., None]], dim=3)  # [Q, T, n, d + 1]
        f_s, bias, k = self.sentence.weight, self.sentence.bias, answers.shape[1]
        rest = torch.cat([f_s[:, :d], f_s[:, d + 1 :]], dim=1)
        shared = conv1d(every.flatten(0, 1).mT, rest, bias, padding="same")  # [Q T, F, n]
        own = conv1d(first.flatten(0, 2)[:, None], f_s[:, d : d + 1], padding="same")
        convolved = own.view(-1, k, *own.shape[1:]) + shared[:, None]  # [Q T, K, F, n]
        return _pooled(convolved.flatten(0, 1), s[:, :, None].expand(-1, -1, k, -1))


def _longest(tokens: Tensor) -> int:
    """The most words of a sentence, one at least."""
    return int((tokens != 0).any(dim=0).any(dim=0).nonzero().max()) + 1 if tokens.any() else 1


def _pooled(convolved: Tensor, tokens: Tensor) -> Tensor:
    """The greatest of each filter's rectified values where words are: [N, F, n] to [..., F]."""
    found = convolved.relu().view(*tokens.shape[:-1], -1, tokens.shape[-1])
    return (found * (tokens != 0)[..., None, :]).amax(dim=-1)
