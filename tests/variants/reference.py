"""The paper's equations in plain NumPy and float64: one slot, one pair, one sentence at a time.

Written from the equations alone, as slow and as literal as they read. Only what the paper leaves
open follows the docstrings of `relmem_variants`: where memories begin, the order of the rows that
the readout attends to, the scaling of relations to length 1, which slope the output has, and that
A, B and b of eq. 8 and 18 are their parameters divided by m - 1, the number of pairs in gr_i.
"""

# ruff: noqa: N806  # matrices have the paper's names

from collections.abc import Mapping, Sequence

import numpy as np

Vector = np.ndarray
Weights = Mapping[str, np.ndarray]


def phi(x: Vector, slope: Vector) -> Vector:
    """PReLU."""
    return np.array([x_k if x_k > 0 else a_k * x_k for x_k, a_k in zip(x, slope, strict=True)])


def sigma(x: float) -> float:
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


def softmax(scores: Sequence[float]) -> list[float]:
    powers = [np.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def unit(x: Vector) -> Vector:
    return x / np.sqrt(sum(x_k**2 for x_k in x))


def encode(tokens: Sequence[int], e: np.ndarray, f: np.ndarray) -> Vector:
    """Eq. 1; a pad adds nothing."""
    s = np.zeros(e.shape[1])
    for k, token in enumerate(tokens):
        if token != 0:
            s = s + f[k] * e[token]
    return s


class EntNet:
    """Eq. 1-5 and 11-14; `weights` are the model's parameters by name."""

    def __init__(self, weights: Weights, *, vocabulary: int, hops: int = 1) -> None:
        self.weights = weights
        self.vocabulary = vocabulary
        self.hops = hops
        self.w = weights["keys"]
        self.m, self.d = self.w.shape
        self.h = [self.w[i] for i in range(self.m)]
        self.g = [0.0 for _ in range(self.m)]
        self.p: list[list[float]] = []
        self.output_slope = weights["memory.slope"]

    def read(self, tokens: Sequence[int]) -> None:
        """One sentence more; nothing happens where there is none."""
        if all(token == 0 for token in tokens):
            return
        s = encode(tokens, self.weights["encoder.words"], self.weights["encoder.sentence_mask"])
        self.write_memory(s)
        self.write_relations(s)

    def write_memory(self, s: Vector) -> None:
        """Eq. 2-5."""
        U, V, W, b, slope = (
            self.weights[f"memory.{name}"] for name in ("U", "V", "W", "bias", "slope")
        )
        for i in range(self.m):
            self.g[i] = sigma(s @ self.h[i] + s @ self.w[i])  # 2
            candidate = phi(U @ self.h[i] + V @ self.w[i] + W @ s + b, slope)  # 3
            self.h[i] = self.h[i] + self.g[i] * candidate  # 4
            self.h[i] = unit(self.h[i])  # 5

    def write_relations(self, s: Vector) -> None:
        """Nothing in EntNet."""

    def g_pair(self, i: int, j: int) -> float:
        """Eq. 6, 16."""
        assert i != j
        return self.g[i] * self.g[j]

    def gr(self, i: int) -> float:
        """Eq. 7, 17."""
        return sum(self.g_pair(i, j) for j in range(self.m) if j != i)

    def relation_candidate(self, x: Vector, s: Vector) -> Vector:
        """Eq. 8, 18, with a bias."""
        A, B, b, slope = (self.weights[f"relation.{name}"] for name in ("A", "B", "bias", "slope"))
        n = self.pairs_of_a_gate()
        return phi(A / n @ x + B / n @ s + b / n, slope)

    def pairs_of_a_gate(self) -> int:
        """The terms of eq. 7 and 17; 1 where there are none."""
        return max(self.m - 1, 1)

    def rows(self) -> list[Vector]:
        return self.h

    def attend(self, q: Vector, m: list[Vector]) -> Vector:
        """Eq. 11 and 12; the attention is kept in `p`, one list a hop."""
        p = softmax([q @ m_i for m_i in m])  # 11
        self.p.append(p)
        u = np.zeros(self.d)
        for p_i, m_i in zip(p, m, strict=True):
            u = u + p_i * m_i  # 12
        return u

    def answer(self, tokens: Sequence[int]) -> Vector:
        """Eq. 11-14: a score for every word; the key columns of R are left out."""
        q = encode(tokens, self.weights["encoder.words"], self.weights["encoder.question_mask"])
        m = self.rows()
        self.p = []
        u = self.attend(q, m)
        for _ in range(self.hops - 1):
            q = u + q  # 14
            u = self.attend(q, m)
        H, R = self.weights["readout.H"], self.weights["readout.R"]
        y = R @ phi(q + H @ u, self.output_slope)  # 13
        return y[: self.vocabulary]


class RelationSlot(EntNet):
    """Eq. 1-14: one relation beside each memory."""

    def __init__(
        self, weights: Weights, *, vocabulary: int, hops: int, relation_limit: float
    ) -> None:
        super().__init__(weights, vocabulary=vocabulary, hops=hops)
        self.limit = relation_limit
        self.output_slope = weights["relation.output_slope"]
        self.r = [np.zeros(self.d) for _ in range(self.m)]

    def write_relations(self, s: Vector) -> None:
        for i in range(self.m):
            candidate = self.relation_candidate(self.r[i], s)  # 8
            self.r[i] = self.r[i] + self.gr(i) * candidate  # 9
            self.r[i] = self.bounded(self.r[i])

    def bounded(self, r: Vector) -> Vector:
        length = np.sqrt(np.sum(r * r))
        return r * self.limit / length if 0 < self.limit < length else r

    def rows(self) -> list[Vector]:
        C = self.weights["C"]
        return [C @ h_i for h_i in self.h] + [C @ r_i for r_i in self.r]  # 10


class SelfMemory(EntNet):
    """Eq. 1-5, 16-19 and 11-13: relations written into the memories."""

    def __init__(self, weights: Weights, *, vocabulary: int) -> None:
        super().__init__(weights, vocabulary=vocabulary)
        self.output_slope = weights["relation.output_slope"]

    def write_relations(self, s: Vector) -> None:
        for i in range(self.m):
            candidate = self.relation_candidate(self.h[i], s)  # 18
            self.h[i] = self.h[i] + self.gr(i) * candidate  # 19


class AllRelations(RelationSlot):
    """Eq. 1-6, 8-15: a relation for each of the m (m - 1) / 2 pairs."""

    def __init__(
        self, weights: Weights, *, vocabulary: int, hops: int, relation_limit: float
    ) -> None:
        super().__init__(weights, vocabulary=vocabulary, hops=hops, relation_limit=relation_limit)
        self.pairs = [(i, j) for i in range(self.m) for j in range(i + 1, self.m)]  # 15
        self.r = [np.zeros(self.d) for _ in self.pairs]

    def pairs_of_a_gate(self) -> int:
        """A gate for each pair, without eq. 7."""
        return 1

    def write_relations(self, s: Vector) -> None:
        for row, (i, j) in enumerate(self.pairs):
            candidate = self.relation_candidate(self.r[row], s)  # 8
            self.r[row] = self.r[row] + self.g_pair(i, j) * candidate  # 9
            self.r[row] = self.bounded(self.r[row])

    def rows(self) -> list[Vector]:
        C, D = self.weights["C"], self.weights["D"]
        memories = [C @ h_i for h_i in self.h]
        pairs = [
            D @ np.concatenate([self.h[i], self.h[j], self.r[row]])
            for row, (i, j) in enumerate(self.pairs)
        ]
        return memories + pairs


REFERENCES: dict[str, type[EntNet]] = {
    "entnet": EntNet,
    "multi-hop": EntNet,
    "relation-slot": RelationSlot,
    "self-memory": SelfMemory,
    "all-relations": AllRelations,
}
