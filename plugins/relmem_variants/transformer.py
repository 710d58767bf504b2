"""Relations among sentences by the words that they share: a transformer over the story.

Its memory is the story itself. To answer, every sentence and the question look `steps` times at
the sentences, with the same weights each time (Dehghani et al. 2019, arXiv 1807.03819), and the
question's row says the answer.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.encoder import Encoder
from relmem_variants.fast.engine import TransformerEngine
from relmem_variants.initial import normal
from relmem_variants.options import TransformerOptions
from relmem_variants.story_attention import KINDS, Read, StoryAttention
from relmem_variants.word_match import WordMatch, same_words


class RelationTransformer(StoryAttention, TransformerEngine):
    """Answers from the latest `capacity` sentences; see the module's docstring.

    Its parameters, for rows of d numbers, h heads, T steps and V words:

    encoder        the words' vectors e [V, d], and masks of sentences and of questions (eq. 1)
    asked_words    what a sentence's row gains by words that it shares with the question
    asked_match    scores with which the question's row looks at such sentences, one a head
    match          scores with which a sentence looks at others that share words with it
    closed         [2, h] added to both kinds of scores: without a reason nothing is read
    sentence_norm, question_norm
                   layer norms of what eq. 1 makes
    condition      [d, 2 d] from the question and its product with a sentence: how that is read
    kind           [2, d] added to the question's row, and to the sentences'
    step           [T, d] added to every row as it looks, another one in each step
    query, key, value, output
                   [d, d] attention, the same in every step
    widen, narrow  [2 d, d], [d, 2 d] the layer after it
    attention_norm, mix_norm, answer_norm
                   layer norms before attention, that layer and the answer
    say, bias      [d, d], [V]: the logit of word w is e_w . say(z) + bias_w
    """

    def __init__(self, *, sizes: Sizes, options: TransformerOptions) -> None:
        super().__init__(sizes=sizes, window=options.capacity)
        dim, words, asked = options.dim, sizes.sentence_length, sizes.question_length
        self.heads, self.steps = options.heads, options.steps
        self.encoder = Encoder(sizes=sizes, dim=dim)
        for mask in (self.encoder.sentence_mask, self.encoder.question_mask):
            nn.init.normal_(mask, mean=1, std=0.3)
        self.asked_words = WordMatch(left=words, right=asked, out=dim, noise=0.3)
        self.asked_match = WordMatch(left=words, right=asked, out=self.heads, noise=0.3)
        self.match = WordMatch(
            left=words, right=words, out=self.heads, noise=0.3, alike=options.alike
        )
        self.closed = nn.Parameter(torch.full((2, self.heads), -2.0))
        self.sentence_norm, self.question_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.condition = nn.Linear(2 * dim, dim)
        self.kind = normal(2, dim)
        self._build_steps(options)
        self.bias = nn.Parameter(torch.zeros(sizes.vocabulary))

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] for questions int64 [batch, words], each of its own story."""
        return self._answer(_batch(Window(sentences), questions))[0]

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """What the question's row looked at in each step, and which sentences looked at which.

        Attention is the mean over the heads, relations [sentences, sentences] also over the steps
        before the last: of that one only the question's row is used.
        """
        looked = [each[0].mean(dim=0) for each in self._answer(_batch(state, questions))[1]]
        own = torch.stack([rows[0] for rows in looked])
        charts = {"attention": Chart(values=own, rows="step", columns="sentence")}
        if len(looked) > 1:
            among = torch.stack([rows[1:] for rows in looked[:-1]]).mean(dim=0)
            charts["relations"] = Chart(values=among, rows="sentence", columns="sentence")
        return charts

    def _answer(self, batch: StoryBatch) -> tuple[Tensor, list[Tensor]]:
        """Logits, and each step's attention [questions, heads, rows, sentences]."""
        questions = batch.questions
        # [questions, sentences, words, words]: which words of a sentence and its question are equal
        same = same_words(batch.sentences[batch.story], questions[:, None])
        z = self._rows(batch, same)  # [questions, 1 + sentences, d]
        what = self._read(batch, same)  # [questions, h, 1 + sentences, sentences]
        looked = []
        for step in range(self.steps):
            if step == self.steps - 1:  # of the last step only the question's row is used
                what = Read(what.match[:, :, :1], what.allowed[:, :, :1])
            z, weights = self._step(z, what, self.step[step])
            looked.append(weights)
        words = self.encoder.words
        return self.say(self.answer_norm(z[:, 0])) @ words.T + self.bias, looked

    def _rows(self, batch: StoryBatch, same: Tensor) -> Tensor:
        """The question's row, then the sentences' as that question has them read.

        [questions, 1 + sentences, dim], from words shared with the question [questions, sentences,
        words, words].
        """
        s = self.encoder.sentence(batch.sentences)[batch.story] + self.asked_words(same)
        s = self.sentence_norm(s)  # [questions, sentences, d]
        q = self.question_norm(self.encoder.question(batch.questions))[:, None]  # [questions, 1, d]
        s = s + self.condition(torch.cat([q.expand_as(s), s * q], dim=2))
        return torch.cat([q + self.kind[0], s + self.kind[1]], dim=1)

    def _read(self, batch: StoryBatch, same: Tensor) -> Read:
        """Who may read what, and the scores of shared words."""
        sentences = batch.sentences
        # [stories, sentences, sentences, h], then [questions, sentences, h]
        among = self.match(same_words(sentences[:, :, None], sentences[:, None])) + self.closed[1]
        asked = self.asked_match(same) + self.closed[0]
        match = torch.cat([asked[:, None], among[batch.story]], dim=1).permute(0, 3, 1, 2)
        present = (sentences != 0).any(dim=2)
        count = pad(present.cumsum(dim=1), (1, 0))  # sentences before each place
        at = torch.arange(sentences.shape[1], device=sentences.device)
        age = count[batch.story, batch.position][:, None] - count[batch.story, :-1]
        known = present[batch.story] & (at < batch.position[:, None]) & (age <= self.window)
        earlier, later = at < at[:, None], at > at[:, None]
        kinds = torch.stack([earlier, later, earlier | later])
        kinds = pad(kinds, (0, 0, 1, 0), value=True).repeat_interleave(self.heads // KINDS, dim=0)
        return Read(match, kinds & known[:, None, None])


def _batch(state: Window, questions: Tensor) -> StoryBatch:
    """Each story with its question; places that no story fills are left out."""
    sentences = state.sentences
    used = int((sentences != 0).any(dim=2).sum(dim=1).max()) if len(sentences) else 0
    rows = torch.arange(len(sentences), device=sentences.device)
    return StoryBatch(
        sentences=sentences[:, sentences.shape[1] - used :],
        questions=questions,
        story=rows,
        position=torch.full_like(rows, used),
        answers=torch.zeros_like(rows),
    )
