"""The LSTM that reads context and query (Hill et al. 2016, arXiv 1511.02301)."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from relmem_cli.contract.model import Loss, StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.language_model import LanguageModel, Read
from relmem_field.options import LstmOptions
from relmem_field.words import among, blank_of, with_blank, words_first


class Lstm(StoryModel[Read]):
    """Reads on through story and question; the answer is the word that makes them likeliest."""

    def __init__(self, *, sizes: Sizes, options: LstmOptions) -> None:
        super().__init__(sizes=sizes)
        self.best, self.language = options.best, options.language
        self.model = LanguageModel(sizes.vocabulary, options)
        self.register_buffer("blank", torch.tensor(0))

    def groups(self) -> dict[str, list[str]]:
        """The words' vectors, the LSTM, what predicts."""
        groups: dict[str, list[str]] = {}
        for name, _ in self.named_parameters():
            groups.setdefault(name.split(".")[1], []).append(name)
        return groups

    def prepare(self, vocabulary: Vocabulary, _: object) -> None:
        """Remembers which word is the blank."""
        self.get_buffer("blank").fill_(blank_of(vocabulary))

    def begin(self, batch: int) -> Read:
        """Nothing read."""
        return self.model.begin(batch)

    def read(self, state: Read, sentences: Tensor) -> Read:
        """Reads on through a sentence's words, int64 [batch, words]."""
        return self.model.read(state, sentences)[2]

    def answer(self, state: Read, questions: Tensor) -> Tensor:
        """Logits [batch, ids]: log p of the question with each word in its blank, or after it.

        What follows a blank is tried with the `best` words that are likeliest before it does.
        """
        return self._answer(state, questions, questions[:, :0])

    def forward(self, batch: StoryBatch) -> Tensor:
        """The same; where all questions name candidates, it is tried with each of these."""
        state, order = self.when_asked(batch)
        logits = self._answer(state, batch.questions[order], among(batch.candidates)[order])
        return logits[order.argsort()]

    def loss(self, batch: StoryBatch) -> Loss:
        """The mean -log p of answers and of all words before and beside them.

        These count `language` times as much as an answer.
        """
        asked, at = with_blank(batch.questions, self.get_buffer("blank"))
        known = at & (batch.answers > 0)[:, None]
        asked = torch.where(known, batch.answers[:, None], asked)  # [Q, n]
        steps = torch.arange(batch.sentences.shape[1], device=asked.device)
        story = (steps < batch.position[:, None])[:, :, None] * batch.sentences[batch.story]
        text, order = words_first(torch.cat([story.flatten(1), asked], dim=1))
        told = story.shape[1] * story.shape[2]
        at, known = (pad(place, (told, 0)).gather(1, order) for place in (at, known))
        wanted = text * ~at if self.language else text * 0
        h = self.model.before(text)
        answers, others = self.model.missed(h, text * known), self.model.missed(h, wanted)
        count = (known.sum() + self.language * (wanted != 0).sum()).clamp(min=1)
        return {"answers": answers.sum() / count, "words": self.language * others.sum() / count}

    def _answer(self, state: Read, questions: Tensor, tried: Tensor) -> Tensor:
        asked, at = with_blank(questions, self.get_buffer("blank"))
        before = at.cumsum(dim=1) == 0
        state = self.model.read(state, asked * before)[2]
        first, after = self.model.following(state), asked * ~(before | at)
        if not after.any():
            return first
        found = tried if tried.shape[1] else first.topk(min(self.best, self.sizes.ids)).indices
        k = found.shape[1]  # [Q, K], each with what follows:
        text = torch.cat([found[:, :, None], after[:, None].expand(-1, k, -1)], dim=2)
        many = Read(*(kept.repeat_interleave(k, dim=0) for kept in state))
        h, words, _ = self.model.read(many, text.flatten(0, 1))
        later = -self.model.missed(h, words)[:, 1:].sum(dim=1).view(-1, k)  # log p of that
        rest = first + later.amin(dim=1, keepdim=True)  # no other is ahead of the K
        return rest.scatter(1, found, first.gather(1, found) + later)
