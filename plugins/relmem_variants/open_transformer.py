"""relation-transformer for any words: it reads each by where it stands, and points to those it met.

A sentence's and a question's words are read in context (`Context`), open words by nothing but where
they stand. Equal words give scores to heads, as relation-transformer's `WordMatch` does, by what
both words do in their sentences; an open word's vector is one of a bank, given out anew for each
story in training. Of a long story a question reads what its words lead to (`retrieval`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from relmem_cli.contract.model import Chart, Explanation, Loss, StoryModel, restrict
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.english import VERB, is_noun
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.stories.word_classes import FUNCTION_WORDS, NARRATOR
from relmem_variants.context import Context
from relmem_variants.fast import stepper
from relmem_variants.fast.interface import Shape
from relmem_variants.initial import normal
from relmem_variants.kept_story import (
    KeptStory,
    Views,
    WordIds,
    appended,
    asked_at_end,
    trimmed,
    views,
)
from relmem_variants.options import OpenOptions
from relmem_variants.retrieval import NAMES, Retrieval
from relmem_variants.story_attention import KINDS, Read, StoryAttention
from relmem_variants.word_match import same_words

if TYPE_CHECKING:
    from relmem_variants.fast.interface import Stepper

_NEVER = -1e9
"""The logit of a word that a story does not have."""


class OpenTransformer(StoryAttention, StoryModel[KeptStory]):
    """Answers from the whole story; see the module's docstring."""

    def __init__(self, *, sizes: Sizes, options: OpenOptions) -> None:
        super().__init__(sizes=sizes)
        dim = options.dim
        self.heads, self.steps, self.capacity = options.heads, options.steps, options.capacity
        self._retrieval = Retrieval(options.capacity)
        self.rank, self.features = options.rank, options.features
        self.scores = self.heads * self.rank
        self.context = Context(
            closed=sizes.vocabulary,
            ids=sizes.ids,
            roles=4 * self.scores + 2 * self.features,
            options=options,
        )
        self.register_buffer("counts", torch.full((sizes.ids,), NAMES, dtype=torch.int8))
        self.counts: Tensor
        self.shared = nn.Linear(self.features, dim, bias=False)
        self.closed = nn.Parameter(torch.full((2, self.heads), -2.0))
        self.sentence_norm, self.question_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.condition = nn.Linear(2 * dim, dim)
        self.kind = normal(2, dim)
        self._build_steps(options)
        self.bias = nn.Parameter(torch.zeros(sizes.vocabulary + 1))

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """Note which of the vocabulary's words count where two sentences share them."""
        del stories
        for number, word in enumerate(vocabulary.items[: vocabulary.closed]):
            self.counts[number] = 0 if word + VERB in vocabulary else _counts(word)

    def begin(self, batch: int) -> KeptStory:
        """No sentences yet."""
        shape = (batch, 0, self.sizes.sentence_length)
        return KeptStory(torch.zeros(shape, dtype=torch.int16, device=self.bias.device))

    def read(self, state: KeptStory, sentences: Tensor) -> KeptStory:
        """The state after one sentence more, int64 [batch, words]."""
        return KeptStory(appended(state.sentences, sentences))

    def answer(self, state: KeptStory, questions: Tensor) -> Tensor:
        """Logits [batch, ids] for questions int64 [batch, words], each of its own story.

        Where a story has ids beyond `sizes.ids` there are logits up to the highest of them.
        """
        return self._said(self._views(asked_at_end(state, questions)))

    def forward(self, batch: StoryBatch) -> Tensor:
        """Logits [questions, ids], by the fast path where there is one."""
        return self._said(trimmed(self._views(batch)))

    def loss(self, batch: StoryBatch) -> Loss:
        """The mean cross-entropy in nats; an answer that was not read is left out."""
        logits = restrict(self(batch), batch.candidates)
        answers = batch.answers.clamp(min=0)
        there = logits.gather(1, answers[:, None])[:, 0] > _NEVER / 2
        known = there & (batch.answers > 0)
        answers = batch.answers.where(known, IGNORED)
        loss = cross_entropy(logits, answers, ignore_index=IGNORED, reduction="sum")
        return loss / known.sum().clamp(min=1)

    def explain(self, state: KeptStory, questions: Tensor) -> Explanation:
        """What the question's row looked at in each step, and which sentences looked at which.

        Attention is the mean over the heads, relations [sentences, sentences] also over the steps
        before the last, and evidence what the question's row got from each sentence on both ways.
        Relations are left out where not all sentences were read.
        """
        count = state.sentences.shape[1]
        views = self._views(asked_at_end(state, questions))
        looked = [each[0].mean(dim=0) for each in self._answer(views.batch)[1]]
        rows = views.rows[0]

        def over_all(weights: Tensor) -> Tensor:
            return weights.new_zeros(len(weights), count).index_copy(1, rows, weights)

        own = torch.stack([each[0] for each in looked])
        among = torch.stack([each[1:] for each in looked[:-1]]).mean(dim=0)
        evidence = (own + own @ among).mean(dim=0, keepdim=True)
        charts = {
            "attention": Chart(values=over_all(own), rows="step", columns="sentence"),
            "evidence": Chart(values=over_all(evidence), rows="answer", columns="sentence"),
        }
        if len(rows) == count:
            charts["relations"] = Chart(values=among, rows="sentence", columns="sentence")
        return charts

    def _said(self, views: Views) -> Tensor:
        """Logits by the story's own ids; _NEVER for a name that was not read."""
        logits = self._logits(views.batch)
        if views.names is None:
            return logits
        closed = self.sizes.vocabulary
        most = max(int(views.names.max()) + 1, self.sizes.ids)
        found = logits.new_full((len(logits), most), _NEVER)
        found[:, :closed] = logits[:, :closed]
        found = found.scatter(1, views.names, logits[:, closed:])  # what stands for none goes to 0
        return torch.cat([torch.full_like(found[:, :1], _NEVER), found[:, 1:]], dim=1)

    def _logits(self, batch: StoryBatch) -> Tensor:
        """Logits [Q, ids] of a batch whose ids are all within the bank."""
        fast = stepper(self.kernels, self.bias, self.query.out_features // self.heads)
        end = self._answer(batch)[0] if fast is None else self._answer_fast(fast, batch)
        logits: Tensor = self.say(self.answer_norm(end)) @ self.context.words.T
        bias = self.bias[torch.arange(self.sizes.ids).clamp(max=self.sizes.vocabulary)]
        return (logits + bias).masked_fill(~self._named(batch), _NEVER)

    def _named(self, batch: StoryBatch) -> Tensor:
        """Which ids may be answered [Q, ids]: those of the vocabulary, and the story's names."""
        shape = (len(batch.sentences), self.sizes.ids)
        named = torch.zeros(shape, dtype=torch.bool, device=batch.sentences.device)
        named.scatter_(1, batch.sentences.flatten(1), value=True)
        named[:, : self.sizes.vocabulary] = True
        named[:, 0] = False
        return named[batch.story]

    def _answer_fast(self, fast: "Stepper", batch: StoryBatch) -> Tensor:
        """What `_answer` returns first, from rows without gaps."""
        at = fast.find_positions(batch, self.capacity, self.counts)
        texts = self.context(at.texts, asking=len(at.own))
        sentences, asks = texts.vectors[: -len(at.own)], texts.vectors[-len(at.own) :]
        looks, looked_at, shared, asked = self._roles(texts.roles.flatten(0, 1))
        looking, at_word, score = at.among
        pairs = self._per_head(looks.index_select(0, looking) * looked_at.index_select(0, at_word))
        among = pairs.new_zeros(at.layout.among[-1], self.heads).index_add(0, score, pairs)
        asking, at_word, row = at.asked
        pairs = asked.index_select(0, asking) * shared.index_select(0, at_word)
        rows = int(at.layout.row[-1])
        equal = pairs.new_zeros(rows, pairs.shape[1]).index_add(0, row, pairs)
        scores = self._per_head(equal[:, : self.scores]) + self.closed[0]
        q = self.question_norm(asks)
        s = sentences[at.sentence] + self.shared(equal[at.row, self.scores :])
        s = self._conditioned(self.sentence_norm(s), q[at.question])
        z = s.new_zeros(rows, s.shape[1]).index_copy(0, at.row, s)
        z = z.index_copy(0, at.own, q + self.kind[0])
        match = scores.T.contiguous(), (among + self.closed[1]).T.contiguous()
        shape = Shape(self.steps, self.capacity, self.drop.p if self.drop.training else 0.0)
        return fast.steps(at.layout, shape, z, *match, dict(self.named_parameters()))

    def _answer(self, batch: StoryBatch) -> tuple[Tensor, list[Tensor]]:
        """The questions' rows after all steps [Q, dim], and each step's attention.

        Attention [Q, heads, rows, sentences]; of the last step the question's row alone looks.
        """
        sentences, questions = batch.sentences, batch.questions
        texts = self.context(sentences.flatten(0, 1))
        asks = self.context(questions, asking=len(questions))
        vectors = texts.vectors.unflatten(0, sentences.shape[:2])
        looks, looked_at, shared, _ = self._roles(texts.roles.unflatten(0, sentences.shape[:2]))
        *_, asked = self._roles(asks.roles)
        count = self.counts[sentences] > 0
        same = same_words(sentences[:, :, None], sentences[:, None]) & count[:, :, None, :, None]
        same = same.to(vectors.dtype)
        among = torch.einsum("sabij,saik,sbjk->sabk", same, looks, looked_at)
        same = same_words(questions[:, None], sentences[batch.story])
        same = same & (self.counts[questions] > 0)[:, None, :, None]
        equal = torch.einsum(
            "qbij,qik,qbjk->qbk", same.to(vectors.dtype), asked, shared[batch.story]
        )
        among = self._per_head(among) + self.closed[1]
        scores = self._per_head(equal[..., : self.scores]) + self.closed[0]
        q = self.question_norm(asks.vectors)
        s = vectors[batch.story] + self.shared(equal[..., self.scores :])
        s = self._conditioned(self.sentence_norm(s), q[:, None].expand_as(s))
        z = torch.cat([(q + self.kind[0])[:, None], s], dim=1)
        match = torch.cat([scores[:, None], among[batch.story]], dim=1).permute(0, 3, 1, 2)
        what = Read(match, self._allowed(batch))
        looked = []
        for step in range(self.steps):
            if step == self.steps - 1:
                what = Read(what.match[:, :, :1], what.allowed[:, :, :1])
            z, weights = self._step(z, what, self.step[step])
            looked.append(weights)
        return z[:, 0], looked

    def _allowed(self, batch: StoryBatch) -> Tensor:
        """Which sentences a row may read, bool [Q, heads, rows, sentences]."""
        present = (batch.sentences != 0).any(dim=2)[batch.story]
        at = torch.arange(present.shape[1], device=present.device)
        known = present & (at < batch.position[:, None])
        earlier, later = at < at[:, None], at > at[:, None]
        kinds = torch.stack([earlier, later, earlier | later])
        kinds = pad(kinds, (0, 0, 1, 0), value=True).repeat_interleave(self.heads // KINDS, dim=0)
        return kinds & known[:, None, None]

    def _roles(self, roles: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of words' roles [.., roles] those with which they look, are looked at, are asked, ask."""
        one, both = self.scores, self.scores + self.features
        looks, looked_at, shared, asked = torch.split(roles, [one, one, both, both], dim=-1)
        return looks, looked_at, shared, asked

    def _per_head(self, scores: Tensor) -> Tensor:
        """Scores [.., heads * rank] of equal words, added up for each head."""
        return scores.view(*scores.shape[:-1], self.heads, self.rank).sum(dim=-1)

    def _conditioned(self, s: Tensor, q: Tensor) -> Tensor:
        """A sentence's row as its question has it read."""
        row: Tensor = s + self.condition(torch.cat([q, s * q], dim=-1)) + self.kind[1]
        return row

    def _views(self, batch: StoryBatch) -> Views:
        """What each question reads of its story."""
        closed = self.sizes.vocabulary
        counts = self.counts[:closed].cpu().numpy()
        return views(batch, WordIds(closed, self.sizes.extra, counts), self._retrieval)


def _counts(word: str) -> int:
    """Whether a word of the vocabulary counts, and whether it names something (`NAMES`)."""
    if word.startswith("<") or word == "," or word.endswith(VERB) or word in FUNCTION_WORDS:
        return 0
    return NAMES if word == NARRATOR or is_noun(word) else 1
