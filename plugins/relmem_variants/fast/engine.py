"""A model's whole stories at once, by the fast path where there is one for the device.

A model file holds equations; what `StoryModel` has done beside them is here. The loss is that of
`StoryModel.loss`; where `learn` goes to a fast path, `backend.learner(...)` of the slot models is
`Learner` in `cpu/slot_function.py`, and relation-transformer's is `loss_and_gradients` in
`cpu/transformer/transformer_function.py`.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from torch import Tensor, nn

from relmem_cli.contract.model import Loss, State, StoryModel
from relmem_cli.contract.window import WindowModel
from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast import backend, describe, transformer_backend
from relmem_variants.fast.interface import Shape
from relmem_variants.fast.recurrence import remember

if TYPE_CHECKING:
    from relmem_variants.fast.interface import TransformerBackend
    from relmem_variants.slots import SlotModel


class Engine(StoryModel[State]):
    """What of `StoryModel` a SlotModel has done for it; its own code stays the reference."""

    keys: Tensor

    @property
    def recordable(self) -> bool:
        """Where the kernels for CUDA are used."""
        fast = backend(self.kernels, self.keys)
        return self.keys.is_cuda and fast is not None and describe.weights(self._slots) is not None

    def forward(self, batch: StoryBatch) -> Tensor:
        """Logits [questions, vocabulary], by the fast path where there is one for the device."""
        fast, model = backend(self.kernels, self.keys), self._slots
        if fast is None:
            return super().forward(batch)
        whole = describe.whole(model)
        weights = whole.weights if whole else describe.weights(model)
        if weights is None:
            return super().forward(batch)
        logits = None if whole is None else fast.logits(batch, whole)
        if logits is not None:
            return logits
        steps = fast.steps(batch)
        s = model.encoder.sentence(steps.tokens)
        h, r = remember(fast, steps, s, self.keys, weights)
        return self.answer(describe.state(model, h, r), batch.questions)

    def learn(self, batch: StoryBatch) -> Loss:
        """The loss, its gradients added to the parameters', by hand where the device has that."""
        learner = self._learner()
        return learner(batch) if learner else super().learn(batch)

    def learner(self) -> Callable[[StoryBatch], Loss]:
        """`learn` for many batches."""
        return self._learner() or self.learn

    def _learner(self) -> Callable[[StoryBatch], Loss] | None:
        fast, model = backend(self.kernels, self.keys), describe.whole(self._slots)
        ours = ("forward", "loss", "learn")  # a subclass may answer or learn in another way
        own = all(getattr(type(self), name) is getattr(Engine, name) for name in ours)
        learner = fast.learner(model) if fast and model and own else None
        usual = super().learn
        return learner and (lambda b: usual(b) if b.candidates.shape[1] else learner(b))

    @property
    def _slots(self) -> "SlotModel[Any]":
        return cast("SlotModel[Any]", self)


class TransformerEngine(WindowModel):
    """The same for relation-transformer; a question reads the sentences before it at once."""

    bias: nn.Parameter
    query: nn.Linear
    drop: nn.Dropout
    heads: int
    steps: int

    @abstractmethod
    def _answer(self, batch: StoryBatch) -> tuple[Tensor, list[Tensor]]:
        """Logits [questions, vocabulary] by the equations, and each step's attention."""

    @property
    def recordable(self) -> bool:
        """On CUDA: what is launched follows from a batch's shape, and nothing is waited for."""
        return self.bias.is_cuda

    def forward(self, batch: StoryBatch) -> Tensor:
        """Logits [questions, vocabulary], by the fast path where there is one."""
        fast = self._fast()
        if fast is None:
            return self._answer(batch)[0]
        return fast.logits(batch, dict(self.named_parameters()), self._shape())

    def learn(self, batch: StoryBatch) -> Loss:
        """The loss, its gradients added to the parameters', by hand where there is a fast path."""
        learner = self._learner()
        return learner(batch) if learner else super().learn(batch)

    def learner(self) -> Callable[[StoryBatch], Loss]:
        """`learn` for many batches."""
        return self._learner() or self.learn

    def _learner(self) -> Callable[[StoryBatch], Loss] | None:
        fast, usual = self._fast(), super().learn
        if fast is None:
            return None
        parameters = dict(self.named_parameters())

        def learn(batch: StoryBatch) -> Loss:
            if batch.candidates.shape[1]:
                return usual(batch)
            return fast.loss_and_gradients(batch, parameters, self._shape())

        return learn

    def _fast(self) -> "TransformerBackend | None":
        """None too for a subclass that answers in another way."""
        from relmem_variants.transformer import RelationTransformer  # noqa: PLC0415  # imports this

        ours = ("forward", "loss", "learn", "_answer", "_rows", "_read", "_step", "_weights")
        mine, its = type(self), RelationTransformer
        if any(getattr(mine, name) is not getattr(its, name) for name in ours):
            return None
        if not all(_lies_in_order(parameter) for parameter in self.parameters()):
            return None
        return transformer_backend(self.kernels, self.bias, self.query.out_features // self.heads)

    def _shape(self) -> Shape:
        return Shape(self.steps, self.window, self.drop.p if self.drop.training else 0.0)


def _lies_in_order(parameter: Tensor) -> bool:
    """Whether it and its gradient lie in memory row after row, as the fast path takes them."""
    gradient = parameter.grad
    return parameter.is_contiguous() and (gradient is None or gradient.is_contiguous())
