"""relation-transformer in plain NumPy and float64: one question, one row, one head at a time.

Written from the docstrings of `relmem_variants.transformer`, `stick_breaking` and `word_match`, as
slow and as literal as they read.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from tests.variants.reference import Vector, encode, sigma, softmax

Tokens = Sequence[int]


class Transformer:
    """`weights` are the model's parameters by name; `sentences` the story, without pads between."""

    def __init__(self, weights: Mapping[str, np.ndarray], *, heads: int, steps: int) -> None:
        self.w = weights
        self.heads, self.steps = heads, steps
        self.attention: list[list[float]] = []

    def answer(self, sentences: Sequence[Tokens], question: Tokens) -> Vector:
        """Logits for every word."""
        e = self.w["encoder.words"]
        q = self._normal(encode(question, e, self.w["encoder.question_mask"]), "question_norm")
        rows = [q + self.w["kind"][0]]
        for tokens in sentences:
            s = encode(tokens, e, self.w["encoder.sentence_mask"])
            s = self._normal(s + self._shared(tokens, question, "asked_words"), "sentence_norm")
            s = s + self._linear(np.concatenate([q, s * q]), "condition")
            rows.append(s + self.w["kind"][1])
        match = [self._asked(tokens, question) for tokens in sentences]
        among = [[self._among(one, other) for other in sentences] for one in sentences]
        for step in range(self.steps):
            rows = self._step(rows, [match, *among], step)
        said = self._linear(self._normal(rows[0], "answer_norm"), "say")
        return np.array([vector @ said for vector in e]) + self.w["bias"]

    def _asked(self, tokens: Tokens, question: Tokens) -> Vector:
        return self._shared(tokens, question, "asked_match") + self.w["closed"][0]

    def _among(self, one: Tokens, other: Tokens) -> Vector:
        return self._shared(one, other, "match") + self.w["closed"][1]

    def _shared(self, left: Tokens, right: Tokens, name: str) -> Vector:
        """The sum of the scores of all pairs of places that hold the same word."""
        weight = self.w[f"{name}.weight"]
        places = len(right)
        total = np.zeros(weight.shape[1])
        for i, word in enumerate(left):
            for j, other in enumerate(right):
                if word == other != 0:
                    total = total + weight[i * places + j]
        return total

    def _step(self, rows: list[Vector], match: list[list[Vector]], step: int) -> list[Vector]:
        seen = [self._normal(row, "attention_norm") + self.w["step"][step] for row in rows]
        keys = [self._linear(row, "key") for row in seen[1:]]
        values = [self._linear(row, "value") for row in seen[1:]]
        looked, new = [], []
        for place, row in enumerate(rows):
            read, weights = self._look(
                place, self._linear(seen[place], "query"), keys, values, match
            )
            looked.append(weights)
            mixed = row + self._linear(read, "output")
            wide = [gelu(x) for x in self._linear(self._normal(mixed, "mix_norm"), "widen")]
            new.append(mixed + self._linear(np.array(wide), "narrow"))
        self.attention.append(list(np.mean(looked[0], axis=0)) if keys else [])
        return new

    def _look(
        self,
        place: int,
        query: Vector,
        keys: list[Vector],
        values: list[Vector],
        match: list[list[Vector]],
    ) -> tuple[Vector, list[list[float]]]:
        """What a row reads, head after head, and each head's weights of the sentences."""
        size = len(query) // self.heads
        read, weights = [], []
        for head in range(self.heads):
            part = slice(head * size, (head + 1) * size)
            scores = [
                query[part] @ key[part] / math.sqrt(size) + match[place][j][head]
                for j, key in enumerate(keys)
            ]
            weights.append(self._weights(head, place, scores))
            mixed = [w * value[part] for w, value in zip(weights[-1], values, strict=True)]
            read.append(sum(mixed, np.zeros(size)))
        return np.concatenate(read), weights

    def _weights(self, head: int, place: int, scores: list[float]) -> list[float]:
        """Of all sentences, for the question (place 0) or for sentence place - 1."""
        kind = head * 3 // self.heads
        every = range(len(scores))
        order = [j for j in reversed(every) if place == 0 or j < place - 1]
        if kind == 1 and place:
            order = [j for j in every if j > place - 1]
        if kind == 2:
            order = [j for j in every if j != place - 1]
            shares = softmax([0.0, *(scores[j] for j in order)])[1:]
            return [dict(zip(order, shares, strict=True)).get(j, 0.0) for j in every]
        weights, left = [0.0 for _ in every], 1.0
        for j in order:
            weights[j] = left * sigma(scores[j])
            left *= 1 - sigma(scores[j])
        return weights

    def _linear(self, x: Vector, name: str) -> Vector:
        return self.w[f"{name}.weight"] @ x + self.w[f"{name}.bias"]

    def _normal(self, x: Vector, name: str) -> Vector:
        """Layer normalisation."""
        centred = x - x.mean()
        scaled = centred / math.sqrt((centred**2).mean() + 1e-5)
        return scaled * self.w[f"{name}.weight"] + self.w[f"{name}.bias"]


def gelu(x: float) -> float:
    """X times the probability that a normal number is below x."""
    return x * (1 + math.erf(x / math.sqrt(2))) / 2
