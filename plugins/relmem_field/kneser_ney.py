"""A Kneser-Ney language model with a cache (Hill et al. 2016, arXiv 1511.02301)."""

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.ngrams import Ngrams
from relmem_field.options import KneserNeyOptions
from relmem_field.words import among, answered, blank_of, with_blank


class KneserNey(WindowModel):
    """The likeliest word by what was counted before training and by the story's own words."""

    def __init__(self, *, sizes: Sizes, options: KneserNeyOptions) -> None:
        super().__init__(sizes=sizes)
        self.ngrams = Ngrams(order=options.order, room=options.room)
        self.cache = nn.Parameter(torch.tensor([log(options.cache / (1 - options.cache))]))
        self.register_buffer("blank", torch.tensor(0))

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """Counts the n-grams of all different sentences, and of questions with their answers."""
        self.get_buffer("blank").fill_(blank_of(vocabulary))
        ids = vocabulary.ids
        self.ngrams.count([ids[word] for word in text if word in ids] for text in answered(stories))

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, ids]: log p(.. w ..) of the question with each w in its blank."""
        every = torch.arange(self.sizes.ids, device=questions.device)
        return self._score(sentences, questions, every.expand(len(questions), -1))

    def forward(self, batch: StoryBatch) -> Tensor:
        """The same; where all questions name candidates, others than these come last."""
        words = among(batch.candidates)
        if not words.shape[1] or not len(words):
            return super().forward(batch)
        scores = self._score(*self.windows(batch), words)
        rest = scores.amin(dim=1, keepdim=True).expand(-1, self.sizes.ids)
        return rest.scatter(1, words, scores)

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """In which sentences the likeliest word is."""
        sentences = told(state)
        there = sentences == self.look(sentences, questions).argmax(dim=1)[:, None, None]
        return {"evidence": Chart(values=1.0 * there.sum(2), rows="cache", columns="sentence")}

    def _score(self, sentences: Tensor, questions: Tensor, words: Tensor) -> Tensor:
        """The log-probability [Q, K] of what K words [Q, K] each change: themselves, n - 1 more."""
        n = self.ngrams.order
        asked, at = with_blank(questions, self.get_buffer("blank"))
        near = torch.arange(2 * n - 1, device=asked.device) + at.to(torch.uint8).argmax(1)[:, None]
        text = pad(asked, (n - 1, n - 1)).gather(1, near)[:, None].repeat(1, words.shape[1], 1)
        text[:, :, n - 1] = words  # [Q, K, 2n - 1]
        grams = text.unfold(2, n, 1)  # [Q, K, n, n]: one that ends with w, .., one that begins so
        p, last = self.ngrams.probability(grams, self.sizes.ids), grams[..., -1]  # [Q, K, n]
        said = p.new_zeros(len(words), self.sizes.ids)
        said = said.scatter_add(1, sentences.flatten(1), (sentences != 0).flatten(1).to(p.dtype))
        said = said / said.sum(dim=1, keepdim=True).clamp(min=1)  # the passage's unigrams [Q, ids]
        own = said.gather(1, last.flatten(1)).view(last.shape)
        weight = self.cache.sigmoid()  # lambda
        p = weight * own + (1 - weight) * p
        first = torch.arange(n, device=asked.device) == 0
        return (p.clamp(min=1e-30).log() * ((last != 0) | first)).sum(dim=2)
