"""How much each word of a story weighs in an answer: gradient times input; this imports torch.

The weight of a word is the sum over i of |g_i x_i|, where x is its vector as the model looked it up
and g the gradient of the answer's log-odds with respect to x (Denil et al. 2014, arXiv 1412.6815;
Shrikumar et al. 2016, arXiv 1605.01713). Without their signs, since what speaks for an answer and
what speaks against another one are in the same word and would cancel: so it ranks true supporting
sentences first more often (docs/why.md). The log-odds log p / (1 - p) have the direction of
log p and, unlike it, do not flatten where p is all but 1.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding
from torch.overrides import TorchFunctionMode

from relmem_cli.contract.model import StoryModel

Weights = list[list[float]]
"""For each sentence, the weight of each of its places for words, at least 0."""


def word_weights(
    model: StoryModel[Any],
    sentences: Sequence[Tensor],
    score: Callable[[Any], Tensor],
) -> Weights | None:
    """Each word's weight in an answer; None where the model was not seen to look up any word.

    sentences  int64 [1, words] each, as the model reads them
    score      from the state after them to how much speaks for the answer, a scalar

    A word that is looked up several times has the sum. States that were kept carry no gradient:
    the story is read again from its beginning.
    """
    if not sentences:
        return []
    with torch.inference_mode(mode=False), torch.enable_grad(), _LookUps() as seen:
        state = model.begin(1)
        for sentence in sentences:
            seen.sentences.append(sentence[0])
            state = model.read(state, sentence)
        scored = score(state)
    if not seen.vectors or not scored.requires_grad:
        return None
    slopes = torch.autograd.grad(scored, seen.vectors, materialize_grads=True)
    weights = torch.zeros(len(sentences), sentences[0].shape[1], dtype=scored.dtype)
    for vectors, slope, (rows, width) in zip(seen.vectors, slopes, seen.rows, strict=True):
        each = (vectors * slope).detach().abs().sum(dim=-1).cpu().reshape(-1, width)
        weights[rows] += each[: len(rows), : weights.shape[1]]
    return weights.tolist()


def log_odds(logits: Tensor, place: int) -> Tensor:
    """The log-odds of one of the answers, from the logits [answers] of all."""
    others = torch.cat([logits[:place], logits[place + 1 :]])
    return logits[place] - others.logsumexp(dim=0)


class _LookUps(TorchFunctionMode):
    """Watches for the vectors of the story's words and has them keep a gradient.

    sentences  those so far, int64 [words] each
    vectors    what was looked up for some of them, [..., dim]
    rows       which sentences that was, for each of `vectors`, and how many words each had there
    """

    def __init__(self) -> None:
        super().__init__()
        self.sentences: list[Tensor] = []
        self.vectors: list[Tensor] = []
        self.rows: list[tuple[list[int], int]] = []

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """The operation itself; of a look-up a leaf with the same values."""
        del types
        found = func(*args, **(kwargs or {}))
        index = _index(func, args, kwargs or {})
        if index is None or not isinstance(found, Tensor) or not found.is_floating_point():
            return found
        rows, width = self._sentences(index)
        if not rows:
            return found
        found = found.detach().requires_grad_()
        self.vectors.append(found)
        self.rows.append((rows, width))
        return found

    def _sentences(self, index: Tensor) -> tuple[list[int], int]:
        """The latest sentences, where those are what the index holds, else none; words in each.

        After them it may hold the question, with which they are read at once, and which may be
        longer.
        """
        words = len(self.sentences[-1]) if self.sentences else 0
        if not words or index.dtype != torch.int64:
            return [], words
        for width in (words, index.shape[-1] if index.dim() > 1 else words):
            if not width or index.numel() % width:
                continue
            held = index.reshape(-1, width)
            for count in (len(held), len(held) - 1):
                if self._are_latest(held[:count]):
                    return list(range(len(self.sentences) - count, len(self.sentences))), width
        return [], words

    def _are_latest(self, held: Tensor) -> bool:
        """Whether rows of words are the latest sentences, behind whose words there may be pads."""
        if not 0 < len(held) <= len(self.sentences):
            return False
        latest = torch.stack(self.sentences[-len(held) :])
        words = latest.shape[1]
        return torch.equal(held[:, :words], latest) and not held[:, words:].any()


def _index(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Tensor | None:
    """What an operation looks up in a table, if it is one that does."""
    if func is Tensor.__getitem__:
        index = args[1]
    elif func is embedding:
        index = args[0] if args else kwargs.get("input")
    elif func in (torch.index_select, Tensor.index_select):
        index = args[2] if len(args) > 2 else kwargs.get("index")
    else:
        return None
    return index if isinstance(index, Tensor) else None
