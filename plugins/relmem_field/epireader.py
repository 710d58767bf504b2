"""EpiReader (Trischler et al. 2016, arXiv 1606.02270)."""

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import Chart, Explanation, Loss, restrict
from relmem_cli.contract.pointing import pointed
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.options import EpiOptions
from relmem_field.reasoner import Reasoner
from relmem_field.words import BothWays, blank_of, pointer_loss, words_first


class EpiReader(WindowModel):
    """The Extractor points to K candidates; the Reasoner weighs a hypothesis made of each."""

    def __init__(self, *, sizes: Sizes, options: EpiOptions) -> None:
        super().__init__(sizes=sizes)
        self.k, self.margin, self.weight = options.proposals, options.margin, options.weight
        self.words = nn.Embedding(sizes.ids, options.dim, padding_idx=0)
        self.passage = BothWays(options.dim, options.hidden)  # f
        self.question = BothWays(options.dim, options.hidden)  # g
        self.reasoner, self.drop = Reasoner(options), nn.Dropout(options.dropout)
        nn.init.uniform_(self.words.weight[1:], -0.05, 0.05)

    def groups(self) -> dict[str, list[str]]:
        """The words, the Extractor, the Reasoner."""
        kinds = {"words": "words", "reasoner": "reasoner"}
        groups: dict[str, list[str]] = {}
        for name, _ in self.named_parameters():
            groups.setdefault(kinds.get(name.partition(".")[0], "extractor"), []).append(name)
        return groups

    def prepare(self, vocabulary: Vocabulary, _: object) -> None:
        """Remembers which word is the place holder."""
        self.reasoner.get_buffer("blank").fill_(blank_of(vocabulary))

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, ids]: log P, of which the K best share anew what they have together."""
        return self._weigh(sentences, questions, questions[:, :0])[0]

    def forward(self, batch: StoryBatch) -> Tensor:
        """The same; where a question names candidates, the K best are chosen among these."""
        if not len(batch.questions):
            return super().forward(batch)
        return self._weigh(*self.windows(batch), batch.candidates)[0]

    def loss(self, batch: StoryBatch) -> Loss:
        """L_E + lambda L_R (section 3.5): the answer is to be ahead of the others by gamma."""
        right = batch.answers.clamp(min=0)[:, None]
        _, p, found, pi = self._weigh(*self.windows(batch), batch.candidates, right)
        true, known = found == right, right > 0  # [Q, K], [Q, 1]
        behind = pi - (pi * true).sum(dim=1, keepdim=True)  # pi_k - pi*
        missed = (self.margin + behind).relu() * ~true * known
        ranking = self.weight * missed.sum() / known.sum().clamp(min=1)
        return {"extractor": pointer_loss(p, batch.answers), "reasoner": ranking}

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        """How much the Extractor points to each sentence."""
        sentences = told(state)
        s, _, order = self._point(sentences, questions)
        s = s.new_zeros(sentences.flatten(1).shape).scatter(1, order, s)
        return {
            "evidence": Chart(values=s.view(sentences.shape).sum(2), rows="s", columns="sentence")
        }

    def _point(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """S [Q, n], how much the Extractor points to each word; the words; where they stand."""
        (words, order), (asked, _) = words_first(sentences.flatten(1)), words_first(questions)
        f, _ = self.passage(self.drop(self.words(words)), (words != 0).sum(dim=1))
        _, g = self.question(self.drop(self.words(asked)), (asked != 0).sum(dim=1))
        s = torch.einsum("qnh,qh->qn", f, g).masked_fill(words == 0, -1e9).softmax(dim=1)
        return s * (words != 0), words, order  # s_i in proportion to exp(f(t_i) . g(Q))

    def _weigh(
        self, sentences: Tensor, questions: Tensor, among: Tensor, true: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Log P by both [Q, ids], log P by the Extractor, the K best [Q, K], their pi [Q, K]."""
        p = pointed(*self._point(sentences, questions)[:2], self.sizes.ids)
        found = restrict(p, among).topk(min(self.k, self.sizes.ids), dim=1).indices
        if true is not None:  # in training the answer is always weighed
            found[:, -1:] = torch.where((found == true).any(1, keepdim=True), found[:, -1:], true)
        e, kept = self.reasoner(self.words, sentences, questions, found), p.gather(1, found)
        pi = (e + kept).log_softmax(dim=1)  # pi_k in proportion to e_k p_k
        return p.scatter(1, found, kept.logsumexp(1, keepdim=True) + pi), p, found, pi.exp()
