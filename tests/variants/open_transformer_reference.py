"""open-transformer in plain NumPy and float64: one question, one word, one pair of words at a time.

Written from the docstrings of `relmem_variants.open_transformer` and `context`; how rows look at
sentences is what relation-transformer's reference has.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from tests.variants.reference import Vector
from tests.variants.transformer_reference import Tokens, Transformer, gelu


class Read:
    """A text in context: its vector, each word's roles [looks, looked at, shared, asks]."""

    def __init__(self, tokens: Tokens, vector: Vector, roles: Sequence[Sequence[Vector]]) -> None:
        self.tokens, self.vector, self.roles = tokens, vector, roles


class OpenTransformer(Transformer):
    """`counts` says of each id of the vocabulary whether it counts; open words do.

    closed  how many ids stand for themselves
    """

    def __init__(  # what the model has
        self,
        weights: Mapping[str, np.ndarray],
        *,
        heads: int,
        steps: int,
        rank: int,
        closed: int,
        counts: Sequence[bool],
    ) -> None:
        super().__init__(weights, heads=heads, steps=steps)
        self.scores, self.closed, self.counts = heads * rank, closed, counts

    def answer(self, sentences: Sequence[Tokens], question: Tokens) -> Vector:
        """Logits for every id; -1e9 for names that the story has not."""
        asked = self._context(question, asks=True)
        told = [self._context(tokens) for tokens in sentences]
        q = self._normal(asked.vector, "question_norm")
        rows, match = [q + self.w["kind"][0]], []
        for one in told:
            equal = self._equal(asked, one, 3, 2)
            s = one.vector + self.w["shared.weight"] @ equal[self.scores :]
            s = self._normal(s, "sentence_norm")
            rows.append(s + self._linear(np.concatenate([q, s * q]), "condition"))
            rows[-1] = rows[-1] + self.w["kind"][1]
            match.append(self._by_head(equal[: self.scores]) + self.w["closed"][0])
        among = [
            [self._by_head(self._equal(one, other, 0, 1)) + self.w["closed"][1] for other in told]
            for one in told
        ]
        for step in range(self.steps):
            rows = self._step(rows, [match, *among], step)
        said = self._linear(self._normal(rows[0], "answer_norm"), "say")
        named = {token for tokens in sentences for token in tokens}
        logits = []
        for number, vector in enumerate(self.w["context.words"]):
            bias = self.w["bias"][min(number, self.closed)]
            may = 0 < number < self.closed or number in named
            logits.append(vector @ said + bias if may else -1e9)
        return np.array(logits)

    def _context(self, tokens: Tokens, *, asks: bool = False) -> Read:
        h = [self.w["context.near"][min(token, self.closed)] for token in tokens]
        if asks:
            h = [vector + self.w["context.asks"] for vector in h]
        h = [a + b for a, b in zip(h, self._convolve(h, "context.first"), strict=True)]
        whole = self.w["context.whole.weight"] @ np.mean(h, axis=0)
        h = [vector + whole for vector in h]
        h = [a + b for a, b in zip(h, self._convolve(h, "context.second"), strict=True)]
        h = [self._normal(vector, "context.norm") for vector in h]
        masked = [
            self._linear(vector, "context.mask") * self.w["context.words"][token]
            for vector, token in zip(h, tokens, strict=True)
        ]
        more = self._linear(0.2 * np.sum(h, axis=0), "context.more")
        both = len(self.w["shared.weight"][0]) + self.scores
        ends = np.cumsum([self.scores, self.scores, both])
        roles = [np.split(self._linear(vector, "context.roles"), ends) for vector in h]
        return Read(tokens, np.sum(masked, axis=0) + more, roles)

    def _convolve(self, h: Sequence[Vector], name: str) -> list[Vector]:
        weight, bias = self.w[f"{name}.weight"], self.w[f"{name}.bias"]
        width = weight.shape[2]
        found = []
        for place in range(len(h)):
            total = bias
            for offset in range(width):
                near = place + offset - width // 2
                if 0 <= near < len(h):
                    total = total + weight[:, :, offset] @ h[near]
            found.append(np.array([gelu(x) for x in total]))
        return found

    def _equal(self, one: Read, other: Read, role: int, theirs: int) -> Vector:
        """The products of the roles of all pairs of places that hold the same word that counts."""
        total = np.zeros(len(one.roles[0][role]))
        for word, mine in zip(one.tokens, one.roles, strict=True):
            for same, its in zip(other.tokens, other.roles, strict=True):
                if word == same and (word >= self.closed or self.counts[word]):
                    total = total + mine[role] * its[theirs]
        return total

    def _by_head(self, scores: Vector) -> Vector:
        """The scores [heads * rank] of each head, added up."""
        return scores.reshape(self.heads, -1).sum(axis=1)
