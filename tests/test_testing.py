"""The conformance test passes what conforms and says what does not."""

from dataclasses import dataclass, field
from traceback import format_exception
from typing import Any, ClassVar, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from relmem_cli.contract import Variant
from relmem_cli.contract.model import Chart, StoryModel
from relmem_cli.plugins import registry
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.vocabulary import Sizes
from relmem_cli.testing import check_source, check_variant


@dataclass(frozen=True, kw_only=True)
class Options:
    dim: int = 4


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    dims: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class NoDefault:
    dim: int


class Total(NamedTuple):
    words: Tensor


class Conforming(StoryModel[Total]):
    """Adds up word vectors."""

    def __init__(self, *, sizes: Sizes, options: Any) -> None:
        super().__init__(sizes=sizes)
        self.vectors = nn.Embedding(sizes.vocabulary, 4, padding_idx=0)
        self.out = nn.Linear(4, sizes.vocabulary)

    def begin(self, batch: int) -> Total:
        return Total(torch.zeros(batch, 4))

    def read(self, state: Total, sentences: Tensor) -> Total:
        return Total(state.words + self.vectors(sentences).sum(dim=1))

    def answer(self, state: Total, questions: Tensor) -> Tensor:
        return self.out(torch.tanh(state.words + self.vectors(questions).sum(dim=1)))


class LearnsTwice(Conforming):
    def learn(self, batch):
        super().learn(batch)
        return super().learn(batch)


class LearnsNothing(Conforming):
    def learner(self):
        return lambda batch: torch.tensor(1.0)


class Narrow(Conforming):
    def answer(self, state, questions):
        return super().answer(state, questions)[:, 1:]


class DoubleLogits(Conforming):
    def answer(self, state, questions):
        return super().answer(state, questions).double()


class Infinite(Conforming):
    def answer(self, state, questions):
        return super().answer(state, questions) / 0


class OneLogitTooMany(Conforming):
    def forward(self, batch):
        return torch.cat([super().forward(batch), torch.zeros(1, self.sizes.vocabulary)])


class NoEmptyBatch(Conforming):
    def forward(self, batch):
        return super().forward(batch) if len(batch.questions) else torch.zeros(0)


class ReadsInPlace(Conforming):
    def read(self, state, sentences):
        with torch.no_grad():
            state.words.add_(self.vectors(sentences).sum(dim=1))
        return state


class AnswersInPlace(Conforming):
    def answer(self, state, questions):
        logits = super().answer(state, questions)
        with torch.no_grad():
            state.words.mul_(0.5)
        return logits


class ExplainsInPlace(Conforming):
    def explain(self, state, questions):
        with torch.no_grad():
            state.words.mul_(0.5)
        return {}


class KeepsTheStory(Conforming):
    def begin(self, batch):
        return Total(getattr(self, "kept", torch.zeros(1, 4)).expand(batch, -1))

    def read(self, state, sentences):
        new = super().read(state, sentences)
        self.kept = new.words[:1].detach()
        return new


class CountsPads(Conforming):
    def read(self, state, sentences):
        return Total(super().read(state, sentences).words + 0.1)


class ForwardAverages(Conforming):
    def forward(self, batch):
        return super().forward(batch) / batch.sentences.shape[1]


class ForwardCountsStories(Conforming):
    def forward(self, batch):
        return super().forward(batch) / len(batch.sentences)


class ForwardReadsToTheEnd(Conforming):
    def forward(self, batch):
        words = self.vectors(batch.sentences).sum(dim=(1, 2))
        return self.answer(Total(words[batch.story]), batch.questions)


class LooksAtOtherStories(Conforming):
    def read(self, state, sentences):
        new = super().read(state, sentences).words
        present = (sentences != 0).any(dim=1, keepdim=True)
        return Total(
            torch.where(present, new + new[0] - new[0].detach() + 0.1 * len(new), state.words)
        )


class UnusedParameter(Conforming):
    def __init__(self, **built):
        super().__init__(**built)
        self.spare = nn.Parameter(torch.ones(3))


class BrokenGradient(Conforming):
    def __init__(self, **built):
        super().__init__(**built)
        self.scale = nn.Parameter(torch.zeros(()))

    def answer(self, state, questions):
        return super().answer(state, questions) + (self.scale**2).sqrt()


class LeavesOut(Conforming):
    def groups(self):
        return {"out": ["out.weight", "out.bias"]}


class NamesTwice(Conforming):
    def groups(self):
        return {**super().groups(), "again": ["out.bias"]}


class NamesUnknown(Conforming):
    def groups(self):
        return {**super().groups(), "more": ["memory.U"]}


class NotAllSaved(Conforming):
    def __init__(self, **built):
        super().__init__(**built)
        self.offset = torch.randn(self.sizes.vocabulary)

    def answer(self, state, questions):
        return super().answer(state, questions) + self.offset


class AlwaysOnTheCpu(Conforming):
    def __init__(self, **built):
        super().__init__(**built)
        self.scale = nn.Parameter(torch.ones((), device="cpu"))

    def answer(self, state, questions):
        return super().answer(state, questions) * self.scale


class OtherOnMeta(Conforming):
    def __init__(self, **built):
        super().__init__(**built)
        self.scale = nn.Parameter(torch.ones(1 if self.out.weight.is_meta else 2))

    def answer(self, state, questions):
        return super().answer(state, questions) * self.scale.sum()


class OneAxisChart(Conforming):
    def explain(self, state, questions):
        return {"gates": Chart(values=state.words[0], rows="sentence", columns="slot")}


class NoChart(Conforming):
    def explain(self, state, questions):
        return {"gates": state.words}


class NoCharts(Conforming):
    def explain(self, state, questions):
        return [state.words]


class PlainTuple(Conforming):
    def begin(self, batch):
        return (torch.zeros(batch, 4),)


class OneMemoryForAll(Conforming):
    def begin(self, batch):
        return Total(torch.zeros(4))


class OtherSizes(Conforming):
    def __init__(self, *, sizes, options):
        super().__init__(
            sizes=Sizes(vocabulary=99, sentence_length=1, question_length=1), options=options
        )


class Raises(Conforming):
    def read(self, state, sentences):
        raise KeyError("lost")


class Remembers(Conforming):
    """Answers each question unlike the one before."""

    def answer(self, state, questions):
        self.asked = getattr(self, "asked", 0) + 1
        return super().answer(state, questions) + self.asked


class DrawsAlways(Conforming):
    def answer(self, state, questions):
        return nn.functional.dropout(super().answer(state, questions), 0.5)


class Grows(Conforming):
    def read(self, state, sentences):
        words = torch.cat([state.words, self.vectors(sentences).sum(dim=1)], dim=1)
        return Total(words)

    def answer(self, state, questions):
        return super().answer(Total(state.words.view(len(questions), -1, 4).sum(dim=1)), questions)


class OtherState(Conforming):
    def read(self, state, sentences):
        return Other(super().read(state, sentences).words)


class Other(NamedTuple):
    words: Tensor


class LossOfEach(Conforming):
    def loss(self, batch):
        return cross_entropy(self(batch), batch.answers, reduction="none")


class LossIsANumber(Conforming):
    def loss(self, batch):
        return super().loss(batch).item()


class LossWithoutGradient(Conforming):
    def loss(self, batch):
        return super().loss(batch).detach()


class LossOfPartsOfOneInfinite(Conforming):
    def loss(self, batch):
        return {"answers": super().loss(batch), "facts": torch.tensor(torch.inf)}


class MeasuresOnce(Conforming):
    def measure(self, batch):
        return {"facts": torch.tensor(1.0)}


class FillsNoBuffer(Conforming):
    """What it makes before training is in no file."""

    def prepare(self, vocabulary, stories):
        self.scale = torch.arange(self.sizes.vocabulary).float()

    def answer(self, state, questions):
        return super().answer(state, questions) + getattr(self, "scale", 0)


class AddsLater(Conforming):
    def prepare(self, vocabulary, stories):
        self.more = nn.Parameter(torch.ones(3))


class CannotPrepare(Conforming):
    def prepare(self, vocabulary, stories):
        raise KeyError(stories[0].sentences[0][0])


class OtherEpoch(Conforming):
    def epoch(self, number):
        return None


class NamesItsEpoch(Conforming):
    def epoch(self, number, last):
        return "linear"


class SpellsIds(Conforming):
    def spell(self, state, questions):
        return torch.zeros(len(questions), 2)


class ReadsAWeight(Conforming):
    def __init__(self, **built):
        super().__init__(**built)
        self.spread = self.out.weight.std().item()


class Asserts(Conforming):
    def read(self, state, sentences):
        assert len(sentences) > 5
        return super().read(state, sentences)


class NoStoryModel(nn.Module):
    def __init__(self, *, sizes, options):
        super().__init__()


BROKEN = [
    (Narrow, "answer returned shape [9, 12]; logits are [questions, vocabulary], here [9, 13]"),
    (DoubleLogits, "answer returned torch.float64; logits are torch.float32"),
    (Infinite, "answer returned logits that are not finite"),
    (OneLogitTooMany, "forward returned shape [10, 13]"),
    (NoEmptyBatch, "forward without questions returned shape [0]"),
    (ReadsInPlace, "read changed the state that it was given"),
    (AnswersInPlace, "answer changed the state that it was given"),
    (ExplainsInPlace, "explain changed the state that it was given"),
    (KeepsTheStory, "begin returns another state once a sentence was read elsewhere"),
    (CountsPads, "a sentence of pads changes answers; read must leave such a story as it was"),
    (ForwardAverages, "pads after the last sentence change the logits"),
    (ForwardCountsStories, "stories of pads change the others' logits"),
    (LooksAtOtherStories, "stories of pads change the others' logits"),
    (
        ForwardReadsToTheEnd,
        "forward and begin, read, answer differ for a question after 2",
    ),
    (Remembers, "the model keeps something of what it read"),
    (DrawsAlways, "answers differ with torch's random numbers"),
    (Grows, "read made words of shape [1, 4] one of [1, 8]; a state keeps its shape"),
    (OtherState, "read returned another kind of state than begin"),
    (LossOfEach, "loss: 'loss' is no scalar tensor"),
    (LossIsANumber, "loss returned float; it is a scalar tensor"),
    (LossWithoutGradient, "the loss has no gradient"),
    (LossOfPartsOfOneInfinite, "loss: 'facts' is inf"),
    (MeasuresOnce, "measure: 'facts' is not a number for each question"),
    (FillsNoBuffer, "answers differ after save and load"),
    (AddsLater, "prepare() adds more; make it in __init__"),
    (CannotPrepare, "raised KeyError: 'word1'"),
    (OtherEpoch, "takes 2 positional arguments but 3 were given"),
    (NamesItsEpoch, "epoch() returned 'linear'"),
    (SpellsIds, "spell returned Tensor, not Spelled"),
    (LearnsTwice, "learn does not add the gradient of vectors.weight"),
    (LearnsNothing, "learner gives another loss than `loss`"),
    (UnusedParameter, "no gradient reaches spare"),
    (BrokenGradient, "the gradient of scale is not finite"),
    (LeavesOut, "groups() leaves out vectors.weight"),
    (NamesTwice, "groups() names more than once out.bias"),
    (NamesUnknown, "groups() names what is no parameter: memory.U"),
    (NotAllSaved, "answers differ after save and load"),
    (AlwaysOnTheCpu, "scale is not made on torch's default device"),
    (OtherOnMeta, "variant toy is built otherwise without memory: "),
    (OneAxisChart, "explain's 'gates' is no tensor with two axes"),
    (NoChart, "explain's 'gates' is not a Chart"),
    (NoCharts, "explain returned list, not a dict"),
    (PlainTuple, "begin returned tuple; a state is a NamedTuple of tensors"),
    (
        OneMemoryForAll,
        "begin returned words of shape [4]; the first axis must be the story",
    ),
    (OtherSizes, "model.sizes is not what it was built with"),
    (Raises, "raised KeyError: 'lost'"),
    (ReadsAWeight, "cannot be built without memory: RuntimeError: Tensor.item() cannot be called"),
    (Asserts, "raised AssertionError: assert 1 > 5"),
    (NoStoryModel, "is not a subclass of StoryModel"),
]


def variant(model: str, options: type[Any] = Options) -> Variant:
    return Variant(
        name="toy", summary="A toy.", reference="none", options=options, model=f"{__name__}:{model}"
    )


def fault(broken: Variant, options: dict[str, Any] | None = None) -> str:
    with pytest.raises(AssertionError) as caught:
        check_variant(broken, options)
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["entnet", "multi-hop", "relation-slot", "self-memory", "all-relations"]
)
def test_variants_of_the_paper_conform(name: str) -> None:
    check_variant(registry().variants[name])
    check_variant(registry().variants[name], {"slots": 3, "dim": 5})


def test_small_model_of_ones_own_conforms() -> None:
    check_variant(variant("Conforming"))


class Tied(Conforming):
    """One matrix looks words up and scores them, under two names."""

    def __init__(self, **built):
        super().__init__(**built)
        self.out = nn.Linear(4, self.sizes.vocabulary)
        self.out.weight = self.vectors.weight


class PreparedBuffer(Conforming):
    """Zeros until it is told what it will read."""

    def __init__(self, **built):
        super().__init__(**built)
        self.register_buffer("scale", torch.zeros(4))

    def prepare(self, vocabulary, stories):
        self.scale.fill_(len(stories))

    def answer(self, state, questions):
        return super().answer(Total(self.scale * state.words), questions)


@pytest.mark.parametrize("model", [Tied, PreparedBuffer])
def test_tied_weights_and_prepared_buffers_conform(model: type[Any]) -> None:
    check_variant(variant(model.__name__))


@pytest.mark.parametrize(("model", "sentence"), BROKEN, ids=[model.__name__ for model, _ in BROKEN])
def test_broken_model_is_named_with_its_fault(model: type[Any], sentence: str) -> None:
    said = fault(variant(model.__name__))
    assert said.startswith(("variant 'toy'", "variant toy "))
    assert sentence in said
    assert "\n" not in said


@pytest.mark.parametrize("model", [Raises, Narrow])
def test_the_sentence_is_the_last_line_of_one_short_traceback(model: type[Any]) -> None:
    with pytest.raises(AssertionError) as caught:
        check_variant(variant(model.__name__))
    last = "".join(format_exception(caught.value)).splitlines()[-1]
    assert last.endswith(str(caught.value))
    assert "Traceback" not in "".join(format_exception(caught.value)[1:])
    if model is Raises:
        assert "raised KeyError: 'lost' (test_testing.py, line " in last


def test_options_of_another_kind_are_refused() -> None:
    assert "option dims defaults to []; it must be" in fault(variant("Conforming", ListOptions))


def test_options_without_default_are_refused() -> None:
    assert "raised TypeError" in fault(variant("Conforming", NoDefault))


def test_unknown_option_is_refused() -> None:
    assert "toy has no option 'slots'" in fault(variant("Conforming"), {"slots": 3})


def test_missing_model_is_named() -> None:
    assert "Nothing cannot be loaded" in fault(variant("Nothing"))


def test_random_numbers_of_the_caller_stay_as_they_were() -> None:
    torch.manual_seed(3)
    before = torch.rand(2)
    torch.manual_seed(3)
    check_variant(variant("Conforming"))
    assert torch.equal(torch.rand(2), before)


class Coins:
    """A source; what it hands over can be replaced."""

    name = "coins"
    summary = "coins"
    tasks: ClassVar = {"toss": "One Toss"}

    def __init__(self, **changes: Any) -> None:
        asked: dict[str, Any] = {"text": ("what", "?"), "answer": "heads", "position": 1}
        self.question = Question(**{**asked, **changes})
        self.sentences: Any = (("it", "shows", "heads"),)

    def stories(self, task: str, split: str) -> list[Any]:
        return [Story(sentences=self.sentences, questions=(self.question,), task=task)]


def test_a_source_that_conforms() -> None:
    check_source(Coins())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"position": 2}, "task toss, train, story 1: a question's position is 2; it counts"),
        ({"position": -1}, "position is -1"),
        ({"supports": (1,)}, "supports (1,) are not among the 1 sentences before"),
        ({"answer": ["heads"]}, "the answer ['heads'] is no text"),
        ({"text": "what?"}, "the question 'what?' is no tuple of words"),
    ],
)
def test_a_question_that_cannot_be_is_told_with_its_place(changes, sentence: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check_source(Coins(**changes))
    assert "source coins" in str(caught.value)
    assert sentence in str(caught.value)


def test_other_faults_of_a_source_are_told_too(monkeypatch) -> None:
    coins: Any = Coins()
    coins.sentences = ("it shows heads",)
    with pytest.raises(AssertionError, match="the sentence 'it shows heads' is no tuple of words"):
        check_source(coins)
    monkeypatch.setattr(Coins, "stories", lambda *_: [{"sentences": []}])
    with pytest.raises(AssertionError, match="dict is no Story"):
        check_source(Coins())
    monkeypatch.setattr(Coins, "stories", lambda *_: [])
    with pytest.raises(AssertionError, match="task toss asks no question in train"):
        check_source(Coins())
    monkeypatch.setattr(Coins, "stories", lambda *_: {}["valid"])
    with pytest.raises(AssertionError, match="source coins raised KeyError: 'valid'"):
        check_source(Coins())
