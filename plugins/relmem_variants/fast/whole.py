"""Stories and questions to logits as one operation on the CPU.

Autograd's own work for an operation costs tens of microseconds, as much as some of these do; so
eq. 1, 2-9 (or 16-19) and 10-14, each with its derivatives, follow each other here.
"""

from typing import Any

from torch import Tensor
from torch.autograd import Function

from relmem_variants.fast.encoding import Encode
from relmem_variants.fast.interface import Backend, Kind
from relmem_variants.fast.readout import Answer
from relmem_variants.fast.recurrence import Recurrence
from relmem_variants.fast.steps import Steps


class _Part:
    """What one of the operations keeps for its backward pass."""

    saved_tensors: tuple[Tensor | None, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """As torch's own."""
        self.saved_tensors = tensors


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
        words: Tensor,
        sentence_mask: Tensor,
        question_mask: Tensor,
        keys: Tensor,
        H: Tensor,
        R: Tensor,
        slope: Tensor,
        C: Tensor | None,
        *weights: Tensor,
    ) -> Tensor:
        """`weights` as `Recurrence` takes them."""
        ctx.parts = told, read, asked, answered = _Part(), _Part(), _Part(), _Part()
        s = Encode.forward(told, steps.tokens, words, sentence_mask)
        h, r = Recurrence.forward(read, backend, steps, kind, limit, s, keys, *weights)
        q = Encode.forward(asked, questions, words, question_mask)
        return Answer.forward(answered, vocabulary, hops, h, r, q, H, R, slope, C)

    @staticmethod
    def backward(ctx: Any, dlogits: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients by words, masks, keys, H, R, slope, C and weights."""
        told, read, asked, answered = ctx.parts
        _, _, dh, dr, dq, *danswer = Answer.backward(answered, dlogits)
        _, dwords, dquestion_mask = Encode.backward(asked, dq)
        _, _, _, _, ds, dkeys, *dweights = Recurrence.backward(read, dh, dr)
        _, more, dsentence_mask = Encode.backward(told, ds)
        dwords += more
        masks = dsentence_mask, dquestion_mask
        return (*[None] * 7, dwords, *masks, dkeys, *danswer, *dweights)
