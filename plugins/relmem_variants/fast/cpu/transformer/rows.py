"""From tokens to rows and scores of shared words (`RelationTransformer._rows`, `_read`), and back.

With s a sentence and q its question, both normalised, a sentence's row is s + C [q ; s q] + kind,
C having a half C_q for q and one C_s for s q.
"""

import numpy as np

from relmem_variants.fast.cpu.encoding import encode, encode_back
from relmem_variants.fast.cpu.tile import BYTES, Array, add_product, compiled
from relmem_variants.fast.cpu.transformer import shared_words
from relmem_variants.fast.cpu.transformer.attention import Match
from relmem_variants.fast.cpu.transformer.layers import linear, linear_back, product_back
from relmem_variants.fast.cpu.transformer.norms import norm, norm_back
from relmem_variants.fast.cpu.transformer.sentences import RowLayout
from relmem_variants.fast.cpu.transformer.weights import Arrays, TransformerWeights


@compiled
def _multiply(layout: RowLayout, q: Array, s: Array, product: Array) -> None:
    """Fill product [R, d] with s [R, d] times the question's q [Q, d]; questions' rows with 0."""
    for asked in range(len(q)):
        end = layout.row[asked + 1] - 1
        for r in range(layout.row[asked], end):
            for j in range(q.shape[1]):
                product[r, j] = s[r, j] * q[asked, j]
        product[end] = 0


@compiled
def _spread(layout: RowLayout, q: Array, s: Array, shared: Array, kind: Array, z: Array) -> None:
    """Add to the rows z [R, d] what is no product with a sentence; the questions' are filled."""
    for asked in range(len(q)):
        end = layout.row[asked + 1] - 1
        for r in range(layout.row[asked], end):
            for j in range(q.shape[1]):
                z[r, j] += s[r, j] + shared[asked, j]
        for j in range(q.shape[1]):
            z[end, j] = q[asked, j] + kind[j]


@compiled
def _spread_back(layout: RowLayout, dz: Array, dq: Array, dshared: Array) -> None:
    """Fill dq with the questions' rows, which are then 0, and add to dshared, both [Q, d]."""
    for asked in range(len(dq)):
        end = layout.row[asked + 1] - 1
        dq[asked] = dz[end]
        dz[end] = 0
        for r in range(layout.row[asked], end):
            for j in range(dq.shape[1]):
                dshared[asked, j] += dz[r, j]


@compiled
def _multiply_back(
    layout: RowLayout, q: Array, s: Array, dproduct: Array, dq: Array, ds: Array
) -> None:
    """Add to dq and ds what the gradient by the products gives."""
    for asked in range(len(q)):
        for r in range(layout.row[asked], layout.row[asked + 1] - 1):
            for j in range(q.shape[1]):
                dq[asked, j] += s[r, j] * dproduct[r, j]
                ds[r, j] += q[asked, j] * dproduct[r, j]


class TransformerRows:
    """A batch's rows z [R, d], and the scores `match`."""

    def __init__(self, layout: RowLayout, weights: TransformerWeights, z: Array) -> None:
        self._layout, self._weights = layout, weights
        for tokens, name in ((layout.tokens, "sentence"), (layout.questions, "question")):
            places = len(weights[f"encoder.{name}_mask"])
            if tokens.shape[1] != places:
                raise ValueError(f"{name}s have {tokens.shape[1]} places; the model has {places}")
        words, closed = weights["encoder.words"], weights["closed"]
        count, dim = z.shape
        self._rows, self._s, self._product = np.empty((3, count, dim), z.dtype)
        self._moments = np.empty((count, 2), z.dtype)
        self.match = Match(
            np.empty((closed.shape[1], layout.among[-1]), z.dtype),
            np.empty((closed.shape[1], count), z.dtype),
        )
        s = encode(layout.tokens, words, weights["encoder.sentence_mask"])  # refuses strange words
        self._among = shared_words.among_sentences(layout)
        self._asked = shared_words.with_questions(layout)
        shared_words.read(layout, self._asked, s, weights["asked_words.weight"], self._rows)
        shared_words.score(self._asked, weights["asked_match.weight"], closed[0], self.match.asked)
        shared_words.score(self._among, weights["match.weight"], closed[1], self.match.among)
        norm(self._rows, *weights.norm("sentence_norm"), self._s, self._moments)
        self._questions = encode(layout.questions, words, weights["encoder.question_mask"])
        self._q = np.empty_like(self._questions)
        self._asked_moments = np.empty((len(self._q), 2), z.dtype)
        norm(self._questions, *weights.norm("question_norm"), self._q, self._asked_moments)
        self._condition(z)

    def _condition(self, z: Array) -> None:
        weights, bias = self._weights, self._weights["condition.bias"]
        _multiply(self._layout, self._q, self._s, self._product)
        linear(self._product, weights.turned["product"], bias + weights["kind"][1], z)
        shared = np.zeros_like(self._q)
        add_product(self._q, weights.turned["question"], shared, BYTES // shared.itemsize)
        _spread(self._layout, self._q, self._s, shared, weights["kind"][0], z)

    def back(self, dz: Array, dmatch: Match, gradients: Arrays) -> None:
        """Add to the gradients by the parameters what those by z and match give; dz is used up."""
        weights, layout = self._weights, self._layout
        dq, dshared = np.zeros((2, *self._q.shape), dz.dtype)
        _spread_back(layout, dz, dq, dshared)
        dhalves, dbias = np.zeros_like(weights.halves), np.zeros_like(dz, shape=dz.shape[1])
        gradients["kind"][0] += dq.sum(axis=0)
        product_back(self._q, weights.halves[0], dshared, dq, dhalves[0])
        dproduct = np.zeros_like(dz)
        linear_back(self._product, weights.halves[1], dz, dproduct, dhalves[1], dbias)
        gradients["condition.weight"] += np.concatenate(dhalves, axis=1)
        gradients["condition.bias"] += dbias
        gradients["kind"][1] += dbias
        _multiply_back(layout, self._q, self._s, dproduct, dq, dz)
        self._encode_back(dq, dz, dmatch, gradients)

    def _encode_back(self, dq: Array, ds: Array, dmatch: Match, gradients: Arrays) -> None:
        layout, weights = self._layout, self._weights
        drows, dquestions = np.zeros_like(ds), np.zeros_like(dq)
        gain, _ = weights.norm("sentence_norm")
        norm_back(self._rows, self._moments, gain, ds, drows, *gradients.norm("sentence_norm"))
        gain, _ = weights.norm("question_norm")
        norm_back(
            self._questions,
            self._asked_moments,
            gain,
            dq,
            dquestions,
            *gradients.norm("question_norm"),
        )
        dsentences = np.zeros_like(ds, shape=(len(layout.tokens), ds.shape[1]))
        dclosed, dvectors = gradients["closed"], gradients["asked_words.weight"]
        shared_words.read_back(layout, self._asked, drows, dsentences, dvectors)
        shared_words.score_back(
            self._asked, dmatch.asked, gradients["asked_match.weight"], dclosed[0]
        )
        shared_words.score_back(self._among, dmatch.among, gradients["match.weight"], dclosed[1])
        words, dwords = weights["encoder.words"], gradients["encoder.words"]
        for tokens, d, name in (
            (layout.tokens, dsentences, "sentence"),
            (layout.questions, dquestions, "question"),
        ):
            mask = f"encoder.{name}_mask"
            encode_back(tokens, words, weights[mask], d, dwords, gradients[mask])
