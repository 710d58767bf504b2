"""Stories and questions to logits as one operation on the CPU.

Autograd's own work for an operation costs tens of microseconds, as much as some of these do; so
eq. 1, 2-9 (or 16-19) and 10-14, each with its derivatives, follow each other here.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from relmem_variants.fast.encoding import encode, encode_back
from relmem_variants.fast.interface import Backend, Kind, Look, Weights
from relmem_variants.fast.readout import answer, answer_back
from relmem_variants.fast.recurrence import back, read
from relmem_variants.fast.steps import Steps


class Whole(Function):
    """From tokens and weights to logits [Q, vocabulary]."""

    @staticmethod
    def forward(
        ctx: Any,
        backend: Backend,
        steps: Steps,
        questions: Tensor,
        kind: Kind,
        limit: float,
        vocabulary: int,
        hops: int,
        *tensors: Tensor,
    ) -> Tensor:
        """`tensors` are words, both masks, keys, then what `Look` and `Weights` hold."""
        words, sentence_mask, question_mask, keys, H, R, slope, C, *others = tensors
        look, weights = Look(H, R, slope, C, vocabulary, hops), Weights.of(others, kind, limit)
        s = encode(steps.tokens, words, sentence_mask)
        trace = read(backend, steps, s, keys, weights)
        logits, answered = answer(*trace.asked(), encode(questions, words, question_mask), look)
        ctx.save_for_backward(*tensors)
        ctx.tokens, ctx.numbers = (steps.tokens, questions), (vocabulary, hops, kind, limit)
        ctx.found = s, trace, answered
        return logits

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dlogits: Tensor) -> tuple[Any, ...]:
        """The gradients by `tensors`."""
        words, sentence_mask, question_mask, keys, H, R, slope, C, *others = ctx.saved_tensors
        sentences, questions = ctx.tokens
        vocabulary, hops, kind, limit = ctx.numbers
        s, trace, answered = ctx.found
        look, weights = Look(H, R, slope, C, vocabulary, hops), Weights.of(others, kind, limit)
        dh, dr, dq, *danswer = answer_back(answered, look, dlogits)
        ds, dkeys, dweights = back(trace, s, keys, weights, dh, dr)
        dwords = torch.zeros_like(words)
        dquestion_mask = encode_back(questions, words, question_mask, dq, dwords)
        dsentence_mask = encode_back(sentences, words, sentence_mask, ds, dwords)
        return (*[None] * 7, dwords, dsentence_mask, dquestion_mask, dkeys, *danswer, *dweights)
