"""Key-value memory networks (Miller et al. 2016, arXiv 1606.03126)."""

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.options import KeyValueOptions
from relmem_field.sentences import ages, encoded_once, in_common, small_embedding


class KeyValueMemNN(WindowModel):
    """A question q is answered by the values whose keys are like it, hop by hop."""

    counts: Tensor  # [V]: how often a word occurs in training

    def __init__(self, *, sizes: Sizes, options: KeyValueOptions) -> None:
        super().__init__(sizes=sizes, window=options.memories)
        v, d, self.options = sizes.vocabulary, options.dim, options
        self.a = small_embedding(v, d)  # A
        self.centre = small_embedding(v, d) if options.level == "window" else None
        self.b = nn.Linear(d, v, bias=False)  # B
        self.times = nn.Embedding(self.window, 2 * d)  # of keys and of values
        self.r = nn.ParameterList(torch.eye(d) for _ in range(options.hops))  # R_j
        self.register_buffer("counts", torch.zeros(v))
        for weight in (self.b.weight, self.times.weight):
            nn.init.normal_(weight, std=0.1)

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """How often each word occurs, for key hashing."""
        counts = Counter(word for story in stories for one in story.sentences for word in one)
        self.counts.copy_(torch.tensor([counts[item] for item in vocabulary.items]))

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """B q_(H+1) [Q, V]."""
        return self._hops(self._memories(sentences), sentences, questions)[0]

    def forward(self, batch: StoryBatch) -> Tensor:
        """The same for a batch, each sentence encoded once."""
        if not len(batch.questions):
            return super().forward(batch)
        return self._hops(encoded_once(self, batch, self._memories), *self.windows(batch))[0]

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """How much each hop attends to each sentence, its windows together."""
        s = told(state)
        p = torch.cat(self._hops(self._memories(s), s, questions)[1])
        return {"attention": Chart(values=p, rows="hop", columns="sentence")}

    def _near(self, words: int) -> Tensor:  # which words are in whose window [words, words]
        i = torch.arange(words, device=self.counts.device)
        return (i[:, None] - i).abs() <= self.options.width // 2

    def _memories(self, sentences: Tensor) -> Tensor:
        """Keys and values of each sentence [..., n, 2, d]: one, or one for each word (sec. 3.2)."""
        e: Tensor = self.a(sentences)  # [..., words, d]
        if self.centre is None:
            return torch.stack([e.sum(-2, keepdim=True)] * 2, dim=-2)
        around = self._near(e.shape[-2]).to(e.dtype) @ e - e
        return torch.stack([around + self.centre(sentences), e], dim=-2)

    def _there(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Which memories there are, and which of these key hashing keeps: bool [Q, T, n]."""
        there, hashed = sentences != 0, sentences != 0
        if self.options.frequent:
            rare = (self.counts < self.options.frequent)[sentences]
            hashed = in_common(sentences, questions) & rare
        if self.centre is None:
            return hashed.any(2, keepdim=True)
        return there & (hashed[..., None] & self._near(sentences.shape[2])).any(2)

    def _hops(self, m: Tensor, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [Q, V] and each hop's p by sentence [Q, T], from memories m [Q, T, n, 2, d]."""
        there, age = self._there(sentences, questions), ages((sentences != 0).any(2))
        m = m + self.times(age).unflatten(2, (2, -1))[:, :, None]
        k, v = m.flatten(1, 2).unbind(2)  # [Q, T n, d]
        q, looks = self.a(questions).sum(1), []  # [Q, d]
        for r in self.r:
            scores = (k @ q[:, :, None])[..., 0].masked_fill(~there.flatten(1), -1e9)
            p = scores.softmax(1) * there.flatten(1)  # key addressing
            o = (p[:, None] @ v)[:, 0]  # value reading
            q = (q + o) @ r.T  # q_(j+1) = R_j (q_j + o)
            looks.append(p.view(there.shape).sum(2))
        return self.b(q), looks
