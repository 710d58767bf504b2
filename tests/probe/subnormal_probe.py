"""A plugin whose model fails wherever a subnormal number comes out of what it computes."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from relmem_cli import hookimpl
from relmem_cli.contract import Variant


@dataclass(frozen=True, kw_only=True)
class ProbeOptions:
    """dim is for settings that others share; numbers are so many that torch takes its threads."""

    dim: int = 8
    numbers: int = 1 << 17


@hookimpl
def relmem_variants() -> list[Variant]:
    return [
        Variant(
            name="probe",
            summary="Fails where subnormal numbers are computed.",
            reference="",
            options=ProbeOptions,
            model="subnormal_probe:Probe",
        )
    ]


def __getattr__(name: str) -> Any:
    """The model's class, made when it is asked for, since only then torch may be imported."""
    if name == "Probe":
        return _model()
    raise AttributeError(name)


def _model() -> type:
    import torch
    from numba import njit
    from torch import Tensor, nn

    from relmem_cli.contract.model import StoryModel

    class State(NamedTuple):
        nothing: Tensor

    times = njit(nogil=True)(lambda x, y: x * y)

    def look(where: str, numbers: int) -> None:
        """Raise where the product of two small numbers is not 0: torch's, Numba's or Python's."""
        tiny = torch.full((numbers,), 1e-30)
        found = int(torch.count_nonzero(tiny * 1e-10))
        if found:
            raise ArithmeticError(f"{where}: {found} of {numbers} products are subnormal")
        if times(1e-300, 1e-10):
            raise ArithmeticError(f"{where}: Numba's product is subnormal")

    class Watched(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, numbers: int) -> Tensor:
            ctx.numbers = numbers
            return x.clone()

        @staticmethod
        def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
            look("backward", ctx.numbers)
            return gradient, None

    class Probe(StoryModel[State]):
        def __init__(self, *, sizes: Any, options: ProbeOptions) -> None:
            super().__init__(sizes=sizes)
            self.bias = nn.Parameter(torch.zeros(sizes.vocabulary))
            self.numbers = options.numbers

        def begin(self, batch: int) -> State:
            return State(torch.zeros(batch, 1))

        def read(self, state: State, sentences: Tensor) -> State:
            del sentences
            look("read", self.numbers)
            return state

        def answer(self, state: State, questions: Tensor) -> Tensor:
            del state
            look("answer", self.numbers)
            bias: Tensor = Watched.apply(self.bias, self.numbers)
            return bias.expand(len(questions), -1)

    return Probe
