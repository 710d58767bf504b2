"""Sentences and questions as vectors (eq. 1)."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.initial import normal


class AnyEncoder(nn.Module, ABC):
    """Makes vectors of sentences and questions; a plugin may put one of its own before EntNet."""

    @abstractmethod
    def sentence(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to s [..., dim]; a sentence of pads only may become anything."""

    @abstractmethod
    def question(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to q [..., dim]."""


class Encoder(AnyEncoder):
    """s_t = sum_k f_k * e_k (eq. 1), with one learned mask f for sentences and one for questions.

    The pad token's vector is zero whatever its row holds, so pads add nothing. Words start three
    times as long as other rows, so that gates differ among sentences from the first epoch on.
    """

    def __init__(self, *, sizes: Sizes, dim: int) -> None:
        super().__init__()
        self.words = normal(sizes.vocabulary, dim, scale=3)
        self.sentence_mask = nn.Parameter(torch.ones(sizes.sentence_length, dim))
        self.question_mask = nn.Parameter(torch.ones(sizes.question_length, dim))

    def sentence(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to s [..., dim]."""
        return self._encode(tokens, self.sentence_mask)

    def question(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to q [..., dim]."""
        return self._encode(tokens, self.question_mask)

    def _encode(self, tokens: Tensor, mask: Tensor) -> Tensor:
        words = self.words * (torch.arange(len(self.words), device=tokens.device) > 0)[:, None]
        embedded: Tensor = words[tokens]
        return (embedded * mask[: tokens.shape[-1]]).sum(dim=-2)  # eq. 1
