"""What DMN and DMN+ have in common: passes over the sentences by gates that can be taught."""

from abc import abstractmethod

import torch
from torch import Tensor, cat, nn
from torch.nn.functional import binary_cross_entropy, cross_entropy, one_hot, pad

from relmem_cli.contract.model import Chart, Explanation, Loss, restrict
from relmem_cli.contract.window import Window, WindowModel, packed, told
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import DmnOptions


class Passes(WindowModel):
    """A subclass writes `passes`."""

    def __init__(self, *, sizes: Sizes, options: DmnOptions) -> None:
        super().__init__(sizes=sizes)
        self.count, self.gate_loss = options.passes, options.gate_loss
        self.soft = options.episode == "soft"
        self.adds_up, self.ends = self.soft, True
        self.words = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.drop = nn.Dropout(options.dropout)

    @abstractmethod
    def passes(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits [Q, vocabulary], and for each pass its gates [Q, T] from 0 to 1.

        The first are those of a story's sentences; where `ends` is true, the one after its last
        ends the passes. Where `adds_up` is true they add up to 1.
        """

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits after all passes."""
        return self.passes(sentences, questions)[0]

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """The gates of each pass."""
        gates = cat(self.passes(told(state), questions)[1])[:, : told(state).shape[1]]
        return {"attention": Chart(values=gates, rows="pass", columns="sentence")}

    def loss(self, batch: StoryBatch) -> Loss:
        """The answers' cross-entropy, and the gates' with the supporting facts."""
        if not self.gate_loss:
            return super().loss(batch)
        sentences, questions = self.windows(batch)
        logits, gates = self.passes(sentences, questions)
        right = restrict(logits, batch.candidates)
        answers = cross_entropy(right, batch.answers, ignore_index=IGNORED)
        taught = self.supported(batch).any(dim=1) & (batch.answers != IGNORED)
        missed = self._missed(torch.stack(gates, dim=1), sentences, self.supports(batch))
        return {"answers": answers, "gates": self.gate_loss * (missed * taught).mean()}

    def _missed(self, g: Tensor, sentences: Tensor, facts: Tensor) -> Tensor:
        """The cross-entropy [Q] of g [Q, passes, T] with one fact a pass, and then the end."""
        count = packed(sentences)[1][:, None]
        facts = pad(facts, (0, self.count), value=-1)[:, : self.count]  # in the window, or -1
        place = torch.where(facts < 0, count, facts - sentences.shape[1] + count)
        right = one_hot(place, sentences.shape[1] + 1)[..., : g.shape[2]].to(g.dtype)
        if not self.ends:
            right = right * (facts >= 0)[..., None]
        if self.adds_up:
            return -((g + 1e-9).log() * right).sum(dim=2).mean(dim=1)
        return binary_cross_entropy(g, right, reduction="none").sum(dim=2).mean(dim=1)
