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
        self.count, self.gate_loss, self.first = options.passes, options.gate_loss, options.first
        self.answering = True  # beta of J = alpha E(gates) + beta E(answers), in training
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

    def epoch(self, number: int, last: int) -> bool:
        """For some epochs the gates alone learn (section 4.1 of DMN's paper)."""
        first = int(self.first * last) if self.gate_loss else 0
        self.answering = number > first
        return number == first + 1

    def loss(self, batch: StoryBatch) -> Loss:
        """The answers' cross-entropy, and the gates' with the supporting facts."""
        if not self.gate_loss:
            return super().loss(batch)
        sentences, questions = self.windows(batch)
        logits, gates = self.passes(sentences, questions)
        right = restrict(logits, batch.candidates)
        answers = cross_entropy(right, batch.answers, ignore_index=IGNORED)
        taught = (batch.supports >= 0).any(dim=1) & (batch.answers != IGNORED)
        missed = self._missed(torch.stack(gates, dim=1), *self._facts_of(batch, sentences))
        gates_loss = self.gate_loss * (missed * taught).mean()
        return {"answers": answers * self.answering, "gates": gates_loss}

    def measure(self, batch: StoryBatch) -> dict[str, Tensor]:
        """Whether the widest gate of each pass was that of its fact."""
        sentences, questions = self.windows(batch)
        if not len(questions):
            return {"facts": questions.new_zeros(0, dtype=torch.bool)}
        place, named = self._facts_of(batch, sentences)
        widest = torch.stack(self.passes(sentences, questions)[1], dim=1).argmax(dim=2)
        return {"facts": ((widest == place) | ~named).all(dim=1)}

    def _facts_of(self, batch: StoryBatch, sentences: Tensor) -> tuple[Tensor, Tensor]:
        """Each pass's fact as the place of its gate [Q, passes], the end's after the last one.

        And whether the pass has one: what comes after the end changes nothing.
        """
        count = packed(sentences)[1][:, None]
        facts = pad(self.supports(batch), (0, self.count), value=-1)[:, : self.count]
        place = torch.where(facts < 0, count, facts - sentences.shape[1] + count)
        named = facts >= 0
        return place, pad(named, (1, -1), value=True) if self.ends else named

    def _missed(self, g: Tensor, place: Tensor, named: Tensor) -> Tensor:
        """The cross-entropy [Q] of g [Q, passes, T] with one fact a pass."""
        right = one_hot(place, g.shape[2] + 1)[..., :-1].to(g.dtype)
        if self.adds_up:
            missed = -((g + 1e-9).log() * right).sum(dim=2)
        else:
            missed = binary_cross_entropy(g, right, reduction="none").sum(dim=2)
        return (missed * named).sum(dim=1) / named.sum(dim=1).clamp(min=1)
