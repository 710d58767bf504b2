"""The fast path on CUDA: tensors to the programs that Triton compiles, and back.

A program reads a whole story into a block of rows. A slot needs no other slot, and relations kept
beside the memory need only its gates, so that blocks of slots are read side by side and relations
after them; only where relations are written into the memory itself all slots of a story stay
together. What is written out between sentences is what the backward pass and the questions need.
Sums over stories are taken afterwards, not by programs that race, so that they have the same bits
every time.
"""

from typing import Any, NamedTuple

import torch
import triton
from torch import Tensor
from torch.nn.functional import pad

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.cuda.programs import (
    read_memory,
    read_relations,
    unread_memory,
    unread_relations,
)
from relmem_variants.fast.interface import Back, Rule, RuleGradients
from relmem_variants.fast.steps import Steps, steps_of
from relmem_variants.relations_kept import RelationKind

BLOCK = 16
"""Rows that one program writes: with more the compiler runs out of registers."""

CHUNK = 16
"""How much of a product's inner axis is taken at a time."""


class CudaRows(NamedTuple):
    """Rows that sentences write to, z_i = x_i + g_i phi(M x_i + start_i + drive): h, or r.

    For N sentences, S stories, P rows and dim d:

    rows    [N + S, P, d]  x before each sentence, then after the last one of each story
    inner   [N, P, d]      what phi takes
    gates   [N, P]         g
    rule    M, start, drive, slope and limit
    """

    rows: Tensor
    inner: Tensor
    gates: Tensor
    rule: Rule


def _relation_slot_gates(g: Tensor, kind: RelationKind) -> Tensor:
    """Eq. 6 for every pair, or gathered for every slot (eq. 7): [N, m] to [N, P]."""
    if kind is RelationKind.pairs:
        i, j = _pairs(g)
        return g[:, i] * g[:, j]
    return g * (g.sum(dim=1, keepdim=True) - g)


def _relation_slot_gates_back(g: Tensor, dout: Tensor, kind: RelationKind) -> Tensor:
    """The gradient by gates g [N, m] from that by the relations' gates [N, P]."""
    if kind is RelationKind.pairs:
        i, j = _pairs(g)
        between = g.new_zeros(len(g), g.shape[1], g.shape[1])
        between[:, i, j] = between[:, j, i] = dout
        return (between @ g[:, :, None]).squeeze(2)
    shared = (dout * g).sum(dim=1, keepdim=True)
    return dout * (g.sum(dim=1, keepdim=True) - 2 * g) + shared


def _pairs(g: Tensor) -> Tensor:
    return torch.triu_indices(g.shape[1], g.shape[1], offset=1, device=g.device)


class CudaTrace:
    """The stories as they were read: a `Trace`."""

    def __init__(
        self, steps: Steps, s: Tensor, memory: CudaRows, relation: CudaRows, kind: RelationKind
    ) -> None:
        self._steps, self._s = steps, s
        self._memory, self._relation, self._kind = memory, relation, kind

    def asked(self) -> tuple[Tensor, Tensor]:
        """Memory [Q, m, d] and relations [Q, P, d] that the questions ask."""
        h = self._memory.rows[self._steps.asked]
        return h, self._relation.rows[self._steps.asked] if self._kind > RelationKind.self else h[
            :, :0
        ]

    def back(self, dh: Tensor, dr: Tensor) -> Back:
        """From the gradients by what `asked` returned, as often as wanted.

        Where three questions or more ask one state, CUDA adds theirs up in any order.
        """
        memory, kind = self._memory, self._kind
        dgates, drelation = torch.zeros_like(memory.gates), None
        if kind > RelationKind.self:
            drelation, dout = self._back_relations(dr)
            dgates = _relation_slot_gates_back(memory.gates, dout, kind)
        dmatch, dkeys, dmemory, own = self._back_memory(dh, dgates)
        ds = (dmatch[:, None] @ memory.rows[: len(dmatch)]).squeeze(1)
        return Back(ds, dmatch, dkeys, dmemory, own or drelation)

    def _back_memory(
        self, dh: Tensor, dgates: Tensor
    ) -> tuple[Tensor, Tensor, RuleGradients, RuleGradients | None]:
        memory, own, shared = self._memory, self._relation, self._kind is RelationKind.self
        sentences, slots, dim = memory.inner.shape
        grid, launch = _launch(self._steps, slots, dim, self._kind)
        dmatch, dkeys = torch.zeros_like(dgates), dh.new_empty(grid[0], slots, dim)
        dinner, dslope = torch.zeros_like(memory.inner), dh.new_empty(*grid, dim)
        own_dinner = torch.zeros_like(own.inner) if shared else dinner
        own_dslope = torch.empty_like(dslope)
        unread_memory[grid](
            self._steps.first,
            self._s,
            *memory[:3],
            _square(memory.rule.matrix),
            memory.rule.slope,
            *own[:3],
            _square(own.rule.matrix),
            own.rule.slope,
            self._by_state(memory, dh),
            dgates,
            dmatch,
            dinner,
            dkeys,
            dslope,
            own_dinner,
            own_dslope,
            sentences,
            slots,
            dim,
            SELF=shared,
            **launch,
        )
        relation = _rule_gradients(own, own_dinner, own_dslope) if shared else None
        return dmatch, dkeys.sum(dim=0), _rule_gradients(memory, dinner, dslope), relation

    def _back_relations(self, dr: Tensor) -> tuple[RuleGradients, Tensor]:
        relation = self._relation
        sentences, count, dim = relation.inner.shape
        grid, launch = _launch(self._steps, count, dim, self._kind)
        dgates, dinner = torch.zeros_like(relation.gates), torch.zeros_like(relation.inner)
        dslope = dr.new_empty(*grid, dim)
        unread_relations[grid](
            self._steps.first,
            *relation[:3],
            _square(relation.rule.matrix),
            relation.rule.slope,
            self._by_state(relation, dr),
            dgates,
            dinner,
            dslope,
            sentences,
            count,
            dim,
            LIMIT=float(relation.rule.limit),
            **launch,
        )
        return _rule_gradients(relation, dinner, dslope), dgates

    def _by_state(self, part: CudaRows, asked: Tensor) -> Tensor:
        """Gradients by every state [N + S, P, d] from those by the states asked [Q, P, d]."""
        return torch.zeros_like(part.rows).index_add_(0, self._steps.asked, asked)


def steps(batch: StoryBatch) -> Steps:
    """The sentences that answer a batch's questions."""
    return steps_of(batch)


def logits(*_: object) -> None:
    """None: torch's operations are recorded with the programs, and start as fast as these."""


def learner(*_: object) -> None:
    """None, for the same reason."""


def read(
    steps: Steps,
    s: Tensor,
    match: Tensor,
    keys: Tensor,
    memory: Rule,
    relation: Rule | None,
    kind: RelationKind,
) -> CudaTrace:
    """Every story from its beginning."""
    sentences, states = len(s), len(s) + len(steps.first) - 1
    h = _rows(memory, sentences, states, len(keys))
    if relation is None:
        r = _rows(memory, 0, 0, 0)
    else:
        kept = states if kind > RelationKind.self else sentences
        r = _rows(relation, sentences, kept, kind.rows(len(keys)))
    s = s.contiguous()
    with torch.cuda.device_of(s):  # type: ignore[no-untyped-call]
        _read_memory(steps, s, match, keys, h, r, kind)
        if kind > RelationKind.self:
            r = r._replace(gates=_relation_slot_gates(h.gates, kind))
            _read_relations(steps, r, kind)
    return CudaTrace(steps, s, h, r, kind)


def _read_memory(
    steps: Steps,
    s: Tensor,
    match: Tensor,
    keys: Tensor,
    h: CudaRows,
    r: CudaRows,
    kind: RelationKind,
) -> None:
    slots, dim = keys.shape
    grid, launch = _launch(steps, slots, dim, kind)
    read_memory[grid](
        steps.first,
        s,
        match.contiguous(),
        keys.contiguous(),
        *h[:3],
        _square(h.rule.matrix.T),
        h.rule.start,
        h.rule.drive,
        h.rule.slope,
        *r[:3],
        _square(r.rule.matrix.T),
        r.rule.drive,
        r.rule.slope,
        len(s),
        slots,
        dim,
        SELF=kind is RelationKind.self,
        **launch,
    )


def _read_relations(steps: Steps, r: CudaRows, kind: RelationKind) -> None:
    sentences, count, dim = r.inner.shape
    grid, launch = _launch(steps, count, dim, kind)
    read_relations[grid](
        steps.first,
        *r[:3],
        _square(r.rule.matrix.T),
        r.rule.drive,
        r.rule.slope,
        sentences,
        count,
        dim,
        LIMIT=float(r.rule.limit),
        **launch,
    )


def _rows(rule: Rule, sentences: int, states: int, count: int) -> CudaRows:
    """Empty rows; those that no sentence writes to hold zeros, which add nothing to products."""
    rule = rule._replace(drive=rule.drive.contiguous(), slope=rule.slope.contiguous())
    dim, new = len(rule.slope), rule.drive.new_zeros
    return CudaRows(
        new(states, count, dim), new(sentences, count, dim), new(sentences, count), rule
    )


def _rule_gradients(part: CudaRows, dinner: Tensor, dslope: Tensor) -> RuleGradients:
    """The gradients by a rule's parts, whose `dslope` [S, blocks, d] are yet to be added up."""
    rows = part.rows[: len(dinner)]
    matrix = dinner.flatten(0, 1).T @ rows.flatten(0, 1)
    return RuleGradients(matrix, dinner.sum(dim=0), dinner.sum(dim=1), dslope.sum(dim=(0, 1)))


def _launch(
    steps: Steps, count: int, dim: int, kind: RelationKind
) -> tuple[tuple[int, int], dict[str, Any]]:
    """How many programs there are, for each story and block of rows, and what they are made of."""
    rows = _padded(count) if kind is RelationKind.self else BLOCK
    return (len(steps.first) - 1, triton.cdiv(count, rows)), {
        "ROWS": rows,
        "DIM": _padded(dim),
        "CHUNK": CHUNK,
        "num_warps": 8,
        "num_stages": 3,
        "enable_fp_fusion": True,
    }


def _square(matrix: Tensor) -> Tensor:
    """A matrix as programs read it, with zeros up to a tile's size."""
    more = _padded(len(matrix)) - len(matrix)
    return pad(matrix, (0, more, 0, more)).contiguous()


def _padded(count: int) -> int:
    """The power of two that a tile's axis has; products take 16 at least."""
    return max(16, 1 << (count - 1).bit_length())
