"""Attention to the sentences with the question in hand, taught by supporting facts.

One hop of MemN2N (arXiv 1503.08895) that learns, beside the answers, which sentences the data set
names as their reasons, as MemNN does (arXiv 1410.3916).
"""

from torch import Tensor, cat, nn
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import Chart, Explanation, Loss
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_example.plugin import FactsOptions


class FactsReader(WindowModel):
    """Its state is the story; `look` answers from it."""

    def __init__(self, *, sizes: Sizes, options: FactsOptions) -> None:
        super().__init__(sizes=sizes)
        self.share = options.facts
        self.words = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.age = nn.Embedding(self.window, options.dim)
        self.match = nn.Linear(options.dim, options.dim)
        self.output = nn.Linear(2 * options.dim, sizes.vocabulary)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, vocabulary] for questions, each with its own sentences [Q, T, words]."""
        return self._read(sentences, questions)[1]

    def loss(self, batch: StoryBatch) -> Loss:
        """The answers' cross-entropy, and that of the attention to the supporting facts."""
        scores, logits = self._read(*self.windows(batch))
        facts = self.supported(batch).to(scores.dtype)
        missed = -(scores.log_softmax(dim=1) * facts).sum() / facts.sum().clamp(min=1)
        answers = cross_entropy(logits, batch.answers, ignore_index=IGNORED)
        return {"answers": answers, "facts": self.share * missed}

    def measure(self, batch: StoryBatch) -> dict[str, Tensor]:
        """Whether the sentence that is looked at most is a supporting one."""
        best = self._read(*self.windows(batch))[0].argmax(dim=1, keepdim=True)
        return {"fact": self.supported(batch).gather(1, best)[:, 0]}

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """How much it looked at each of the latest sentences."""
        looked = self._read(told(state), questions)[0].softmax(dim=1)
        return {"attention": Chart(values=looked, rows="hop", columns="sentence")}

    def _read(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, Tensor]:
        m, q = self.words(sentences).sum(dim=2), self.words(questions).sum(dim=1)
        there = (sentences != 0).any(dim=2)  # not the pads before a story's first sentence
        m = (m + self.age.weight[: m.shape[1]].flip(dims=[0])) * there[:, :, None]  # newest: age 0
        scores = (m @ self.match(q)[:, :, None])[:, :, 0].masked_fill(~there, -1e9)
        read = (scores.softmax(dim=1)[:, None] @ m)[:, 0]
        return scores, self.output(cat([read, q], dim=1))
