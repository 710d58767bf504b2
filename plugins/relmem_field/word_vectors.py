"""Word vectors from a file as GloVe's: a word and its numbers a line, with blanks between."""

from pathlib import Path

import torch
from torch import Tensor, nn

from relmem_cli.errors import UsageError
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_variants.parts import AnyEncoder

DIM_SEED = 0
"""Of the directions in which vectors are laid into longer ones."""


class FixedWords(AnyEncoder):
    """Eq. 1 with word vectors that stay as they are; both masks are learned."""

    def __init__(self, *, sizes: Sizes, dim: int) -> None:
        super().__init__()
        self.words: Tensor
        self.register_buffer("words", torch.zeros(sizes.vocabulary, dim))
        self.sentence_mask = nn.Parameter(torch.ones(sizes.sentence_length, dim))
        self.question_mask = nn.Parameter(torch.ones(sizes.question_length, dim))

    def sentence(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to s [..., dim]."""
        return (self.words[tokens] * self.sentence_mask[: tokens.shape[-1]]).sum(dim=-2)

    def question(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to q [..., dim]."""
        return (self.words[tokens] * self.question_mask[: tokens.shape[-1]]).sum(dim=-2)


def read_vectors(file: str, vocabulary: Vocabulary, like: Tensor) -> Tensor:
    """A vector [V, dim] for each item; the mean is taken off, the length is as EntNet's begin.

    n numbers lie in n of the `dim` directions by a random rotation, the same one everywhere, so
    that products of vectors stay; dim is at least n. Items that the file lacks keep the vectors of
    `like`.
    Raises UsageError for a line that is none.
    """
    found = _lines(file, vocabulary)
    if not found:
        raise UsageError(f"{file} has a vector for none of the {len(vocabulary)} words")
    rows = torch.stack(list(found.values()))
    dim = like.shape[1]
    if rows.shape[1] > dim:
        raise UsageError(f"{file} has vectors of {rows.shape[1]} numbers; set dim to that or more")
    generator = torch.Generator().manual_seed(DIM_SEED)
    square = torch.randn(dim, dim, generator=generator, dtype=torch.float64)
    rotation = torch.linalg.qr(square).Q[: rows.shape[1]]
    rows = rows - rows.mean(dim=0)
    rows = 3 * rows / rows.norm(dim=1).mean() @ rotation  # EntNet's words begin with length 3
    words = like.detach().clone()
    words[list(found)] = rows.to(words)
    words[0] = 0
    return words


def _lines(file: str, vocabulary: Vocabulary) -> dict[int, Tensor]:
    """The vectors of the vocabulary's items, by id."""
    found: dict[int, Tensor] = {}
    wanted = 0
    with Path(file).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            word, *numbers = line.rstrip("\n").split(" ")
            wanted = wanted or len(numbers)
            if len(numbers) != wanted:
                raise UsageError(
                    f"line {number} of {file} has {len(numbers)} numbers, not {wanted} as the first"
                )
            if word in vocabulary.ids:
                found[vocabulary.ids[word]] = _numbers(numbers, f"line {number} of {file}")
    return found


def _numbers(texts: list[str], where: str) -> Tensor:
    try:
        return torch.tensor([float(text) for text in texts], dtype=torch.float64)
    except ValueError as error:
        raise UsageError(f"{where} is no word and its numbers") from error
