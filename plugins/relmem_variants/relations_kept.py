"""Which relations a variant keeps."""

from enum import IntEnum


class RelationKind(IntEnum):
    """The relations that a variant keeps: none, in the memory itself, for each slot or pair."""

    none = 0
    self = 1
    slots = 2
    pairs = 3

    def rows(self, slots: int) -> int:
        """How many rows the relations write to."""
        return (0, slots, slots, slots * (slots - 1) // 2)[self]
