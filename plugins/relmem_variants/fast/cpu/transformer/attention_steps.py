"""A step of relation-transformer, forward and backward (`RelationTransformer._step`).

A step adds to each row what attention reads, and then what a feed-forward layer makes of it. Both
take normalised rows; the norm before attention is told the step's number by what is added to it.
"""

from typing import NamedTuple

import numpy as np

from relmem_variants.fast.cpu.tile import Array
from relmem_variants.fast.cpu.transformer.attention import Match, attend, attend_back
from relmem_variants.fast.cpu.transformer.layers import (
    add_some,
    add_some_back,
    gelu,
    gelu_back,
    linear,
    linear_back,
)
from relmem_variants.fast.cpu.transformer.norms import norm, norm_back
from relmem_variants.fast.cpu.transformer.sentences import RowLayout
from relmem_variants.fast.cpu.transformer.weights import Arrays, StepWeights


class StepTrace(NamedTuple):
    """What a step leaves for the way back. Of the R rows some look: all, or the questions alone.

    x, y       all rows before the step, and normalised for attention
    key, value [R, d]
    query, read  [rows, d]: what those of y that look ask, and what attention reads
    between    the rows that look with that added, and between_y: normalised for the next layer
    wide       what gelu takes [rows, 2 d]; narrow: what it gives
    moments, between_moments  of both norms
    bits       random ones for dropout of both sums, uint16 [2, rows, d]; of no rows: all is kept
    keep       of `layers`
    """

    x: Array
    y: Array
    key: Array
    value: Array
    query: Array
    read: Array
    between: Array
    between_y: Array
    wide: Array
    narrow: Array
    moments: Array
    between_moments: Array
    bits: Array
    keep: int


class StepBuffers(NamedTuple):
    """Room to work in: of rows [R, d], and of what gelu takes [R, 2 d]."""

    rows: Array
    query: Array
    key: Array
    value: Array
    wide: Array


class AttentionSteps:
    """The steps of a batch, with the same weights each."""

    def __init__(
        self, layout: RowLayout, match: Match, weights: StepWeights, room: StepBuffers
    ) -> None:
        self._layout, self._match, self._weights, self._room = layout, match, weights, room
        self._asked, self._longest = layout.row[1:] - 1, layout.longest
        self._scale = room.rows.dtype.type((weights.dim // len(match.asked)) ** -0.5)

    def forth(self, number: int, made: StepTrace, after: Array) -> None:
        """Fill a step, but for x and bits, and the rows after it [rows, d]."""
        w, rows = self._weights, len(made.query)
        gain, bias = w.norm("attention_norm")
        norm(made.x, gain, bias + w["step"][number], made.y, made.moments)
        linear(self._those_that_look(made.y, rows), *w.forth("query"), made.query)
        np.multiply(made.query, self._scale, out=made.query)
        linear(made.y, *w.forth("key"), made.key)
        linear(made.y, *w.forth("value"), made.value)
        attend(
            self._layout, self._match, self._longest, made.query, made.key, made.value, made.read
        )
        more = self._room.rows[:rows]
        linear(made.read, *w.forth("output"), more)
        x = self._those_that_look(made.x, rows)
        add_some(x, more, made.bits[0], made.keep, made.between)
        norm(made.between, *w.norm("mix_norm"), made.between_y, made.between_moments)
        linear(made.between_y, *w.forth("widen"), made.wide)
        gelu(made.wide, made.narrow)
        linear(made.narrow, *w.forth("narrow"), more)
        add_some(made.between, more, made.bits[1], made.keep, after)

    def back(
        self, number: int, made: StepTrace, dz: Array, dmatch: Match, gradients: Arrays
    ) -> Array:
        """The gradient by x [R, d], from that by the rows after the step, which is used up.

        Those by match and by the parameters are added to.
        """
        self._mix_back(made, dz, gradients)
        w, rows = self._weights, len(dz)
        dread, dquery = self._room.rows[:rows], self._room.query[:rows]
        attend_back(
            self._layout,
            self._match,
            self._longest,
            made.query,
            made.key,
            made.value,
            dread,
            dquery,
            self._room.key,
            self._room.value,
            dmatch,
        )
        np.multiply(dquery, self._scale, out=dquery)
        dread.fill(0)
        looking = self._those_that_look(made.y, rows)
        linear_back(looking, w["query.weight"], dquery, dread, *gradients.linear("query"))
        dx, dy = self._all(dz), self._all(dread)
        for name, d in (("key", self._room.key), ("value", self._room.value)):
            linear_back(made.y, w[f"{name}.weight"], d, dy, *gradients.linear(name))
        dgain, dbias = gradients.norm("attention_norm")
        dtold = np.zeros_like(dbias)
        gain, _ = w.norm("attention_norm")
        norm_back(made.x, made.moments, gain, dy, dx, dgain, dtold)
        dbias += dtold
        gradients["step"][number] += dtold[0]
        return dx

    def _mix_back(self, made: StepTrace, dz: Array, gradients: Arrays) -> None:
        """From the rows after a step to those between; into `room.rows`, to what was read."""
        w, rows = self._weights, len(dz)
        drows, dmore, dwide = (
            self._room.rows[:rows],
            self._room.query[:rows],
            self._room.wide[:rows],
        )
        add_some_back(dz, made.bits[1], made.keep, dmore)
        dwide.fill(0)
        linear_back(made.narrow, w["narrow.weight"], dmore, dwide, *gradients.linear("narrow"))
        gelu_back(made.wide, dwide)
        drows.fill(0)
        linear_back(made.between_y, w["widen.weight"], dwide, drows, *gradients.linear("widen"))
        gain, _ = w.norm("mix_norm")
        dnorm = gradients.norm("mix_norm")
        norm_back(made.between, made.between_moments, gain, drows, dz, *dnorm)
        add_some_back(dz, made.bits[0], made.keep, dmore)
        drows.fill(0)
        linear_back(made.read, w["output.weight"], dmore, drows, *gradients.linear("output"))

    def _those_that_look(self, all_rows: Array, rows: int) -> Array:
        return all_rows if rows == len(all_rows) else all_rows[self._asked]

    def _all(self, rows: Array) -> Array:
        """Rows of those that look as rows of all [R, d]."""
        if len(rows) == len(self._room.rows):
            return rows
        every = np.zeros_like(self._room.rows)
        every[self._asked] = rows
        return every
