"""Memory networks with strong supervision (Weston et al. 2014, arXiv 1410.3916)."""

from torch import Tensor, arange, nn, stack, where, zeros
from torch.nn.functional import multi_margin_loss, one_hot, pad

from relmem_cli.contract.model import Chart, Explanation, Loss
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.batch import IGNORED


class MemNN(WindowModel):
    """s_Ot finds one fact after another, s_R the answer; after the last fact comes "none"."""

    def __init__(self, *, sizes, options) -> None:
        super().__init__(sizes=sizes)
        self.hops, self.margin, d = options.hops, options.margin, options.dim
        self.words = nn.Embedding(sizes.vocabulary, 5 * d, padding_idx=0)  # xO, mO, yO, xR, mR
        self.words.weight.data.mul_(0.1)  # the pad stays zero
        self.none, self.time = nn.Parameter(zeros(d)), nn.Linear(d, 3)  # y, U^T U Phi_t
        self.out = nn.Linear(d, sizes.vocabulary, bias=False)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        return self._hops(sentences, questions)[0]

    def loss(self, batch) -> Loss:  # facts: hop by hop after the true ones before
        kept, true = batch.answers != IGNORED, self._true(batch)
        logits, _, missed = self._hops(*self.windows(batch), true)
        answers = multi_margin_loss(logits[kept], batch.answers[kept], margin=self.margin)
        return {f"fact {k}": m[kept].mean() for k, m in enumerate(missed, 1)} | {"answers": answers}

    def measure(self, batch) -> dict[str, Tensor]:
        return {"facts": (self._hops(*self.windows(batch))[1] == self._true(batch)).all(1)}

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        found = one_hot(self._hops(told(state), questions)[1][0], told(state).shape[1] + 1)
        return {"attention": Chart(values=found[:, :-1], rows="hop", columns="sentence")}

    def _true(self, batch) -> Tensor:  # [Q, hops] places in the window, T is none
        s = pad(self.supports(batch), (0, self.hops), value=-1)
        return where(s < 0, self.supported(batch).shape[1], s)[:, : self.hops]

    def _hops(self, sentences, questions, true=None):  # logits, facts found [Q, hops], hinges
        there = pad((sentences != 0).any(2), (0, 1), value=True)
        rows, none, found, missed = arange(len(there)), there.shape[1] - 1, [], []
        (x, _, _, r, _), f = self.words(questions).sum(1).chunk(5, 1), there[:, 0] * 0 + none
        _, m, y, _, m_r = pad(self.words(sentences).sum(2), (0, 0, 0, 1)).chunk(5, 2)
        i = arange(none + 1, device=there.device)
        y, real = y + self.none * (i == none)[:, None], i < none
        older = (i - i[:, None]).sign() * (real & real[:, None])  # whether y is older than y'
        for hop in range(self.hops):
            a, (t0, t1, t2), best = (y @ x[:, :, None])[..., 0], self.time(x).T[..., None], i[none]
            late = (f[:, None] < i) & real  # x, the fact found before, is older than y
            v = (a + t0 * late)[:, :, None] + (t1 * late - a)[:, None] + t2[..., None] * older
            for k in range(none):  # one y after another against the best so far
                best = where((v[rows, k, best] > 0) & there[:, k], k, best)
            found, f = [*found, best], best if true is None else true[:, hop]
            hinge = (self.margin - v[rows, f]).relu() + (self.margin + v[rows, :, f]).relu()
            missed.append((hinge * there * (i != f[:, None])).sum(1))
            x, r = x + m[rows, f], r + m_r[rows, f]
        return self.out(r), stack(found, 1), missed
