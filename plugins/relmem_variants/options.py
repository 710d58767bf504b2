"""What can be set for each variant; light, so that listing variants needs no torch."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class EntNetOptions:
    """slots: number m of memory slots; dim: length d of every vector."""

    slots: int = 20
    dim: int = 100

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is int and value < 1:
                raise ValueError(f"{field.name} is {value}; it must be at least 1")


@dataclass(frozen=True, kw_only=True)
class MultiHopOptions(EntNetOptions):
    """hops: how often the readout attends to the memory (eq. 14)."""

    hops: int = 2


@dataclass(frozen=True, kw_only=True)
class RelationOptions(EntNetOptions):
    """hops: how often the readout attends; unit_relations: scale relations to length 1.

    The paper gives no normalisation for relations. Without one they grow by a factor of up to
    m - 1 with every sentence (eq. 7 and 9) and overflow in long stories, so they are normalised
    like the memory (eq. 5) unless this is switched off.
    """

    hops: int = 1
    unit_relations: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.slots < 2:
            raise ValueError(f"slots is {self.slots}; relations need at least 2")
