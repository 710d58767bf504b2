"""A trained model that reads text and answers in text; importing this imports torch."""

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import starmap
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from relmem_cli.chat.model.answerable import Answerable, asks_whether
from relmem_cli.chat.model.gradients import log_odds, word_weights
from relmem_cli.chat.story.answers import Answer, Given
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.story.model_input import Loaded
from relmem_cli.chat.story.stand_ins import StandIns
from relmem_cli.contract.charts import misdrawn
from relmem_cli.contract.model import Chart
from relmem_cli.errors import RelmemError
from relmem_cli.plugins import registry
from relmem_cli.sealing import sealed
from relmem_cli.stories.asked import story_words
from relmem_cli.stories.batch import said_so_far
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import END_ID, MOST_SAID
from relmem_cli.training.arithmetic import subnormals_flushed
from relmem_cli.training.checkpoints import TrainedModel

BEST = 4
"""How many answers people are shown."""

_YES_NO = ("yes", "no")


class _StateAndWords(NamedTuple):
    """A model's state and the words of the story that the vocabulary lacks."""

    memory: Any
    words: StoryWords


class Reader(Loaded):
    """Reads utterances into a model's state and answers from it; it keeps no state itself.

    name    as it is shown
    source  what opens the model again; the name, where nothing else is given
    best    how many answers are given at most: the best one, then the alternatives
    """

    def __init__(self, trained: TrainedModel, *, name: str, source: str = "") -> None:
        super().__init__(trained.card, name=name)
        self.source = source or name
        self.best = BEST
        self.trained = trained
        self._model = trained.model
        self._device = next(trained.model.parameters()).device
        self._answerable = Answerable(self.vocabulary)
        self._temperature = float(self.card.record.get("temperature", 1.0))

    def warm_up(self) -> None:
        """Read a sentence and answer once: what is loaded only then may take a second."""
        said, asked = (
            Utterance(text=text, kind=kind, tokens=tuple(tokenize(text)))
            for text, kind in (
                ("x is here.", UtteranceKind.sentence),
                ("where is x?", UtteranceKind.question),
            )
        )
        with suppress(Exception):  # a model that cannot will say so when it is asked
            self.answer(self.read(self.begin(), said), asked)

    @property
    def device(self) -> str:
        """Where the model runs: "cpu", "cuda" or "mps"."""
        return self._device.type

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return sum(parameter.numel() for parameter in self._model.parameters())

    @sealed()
    @torch.inference_mode()
    @subnormals_flushed()
    def begin(self) -> Any:
        """The state of an empty memory."""
        return self._keep(self._model.begin(1), self._no_words)

    @sealed()
    @torch.inference_mode()
    @subnormals_flushed()
    def read(self, state: Any, sentence: Utterance) -> Any:
        """The state after a sentence; unknown words read as blanks, words over the limit not."""
        memory, words = self._open(state)
        ids = self._encode(sentence, words)
        if isinstance(state, _StateAndWords) and words.version == state.words.version:
            words = state.words  # one for many sentences of a long story
        return self._keep(self._model.read(memory, ids), words)

    @sealed()
    @torch.inference_mode()
    @subnormals_flushed()
    def answer(self, state: Any, question: Utterance) -> Answer:
        """The best answers to a question; unknown words read as blanks.

        Raises RelmemError where the model's numbers have overflowed.
        """
        if question.versus:
            named = dict(zip(_YES_NO, question.versus, strict=True))
            return self.answer(state, _by_yes_or_no(question)).renamed(named)
        started = time.perf_counter()
        memory, words = self._open(state)
        names = words.copy()
        asked = self._encode(question, words)
        spelled = None if question.among else self._model.spell(memory, asked)
        if self.open_words:
            answers = self._allowed(question, words if question.among else names, asked)
            given = self._in_words(memory, asked, words, answers, one=bool(question.among))
        elif spelled:
            text = words.text(spelled.words[0].tolist())
            given = [Given(text, float(spelled.probability))]
        else:
            answers = self._allowed(question, words, asked)
            logits = self._logits(memory, asked, answers)
            best = (logits / self._temperature).softmax(dim=0).topk(min(self.best, len(logits)))
            items = [words.item(i) for i in answers[best.indices].tolist()]
            given = list(map(Given, items, best.values.tolist()))
        first, *rest = given
        if math.isnan(first.probability):
            raise RelmemError(
                f"the numbers of variant {self.card.variant} overflowed on this story; "
                "begin a new one."
            )
        return Answer(
            answer=first.answer,
            probability=first.probability,
            alternatives=tuple(rest),
            unknown=tuple(self.unknown(question)),
            seconds=time.perf_counter() - started,
            read_as=self.new_names(state, self._keep(memory, words)),
        )

    def _logits(self, memory: Any, asked: Tensor, answers: Tensor) -> Tensor:
        """Logits of some answers; a name that the story has not has none, and cannot be one."""
        logits = self._model.answer(memory, asked)[0]
        missing = int(answers.max()) + 1 - len(logits)
        return pad(logits, (0, max(missing, 0)), value=-torch.inf)[answers]

    def _in_words(
        self, memory: Any, asked: Tensor, words: StoryWords, answers: Tensor, *, one: bool
    ) -> list[Given]:
        """The best answer, said word by word, and the next best first words.

        one  whether it has one word
        """
        first = (self._logits(memory, asked, answers) / self._temperature).softmax(dim=0)
        best = first.topk(min(self.best, len(first)))
        ids = answers[best.indices].tolist()
        said, probability = [ids[0]], float(best.values[0])
        answers = torch.cat([answers, answers.new_tensor([END_ID])])
        while not one and len(said) < MOST_SAID:
            logits = self._logits(memory, self._with_answer_so_far(asked, said), answers)
            likely = (logits / self._temperature).softmax(dim=0)
            chosen = int(likely.argmax())
            probability *= float(likely[chosen])
            if int(answers[chosen]) == END_ID:
                break
            said.append(int(answers[chosen]))
        others: dict[str, float] = {}  # a name may have another id on a second scale
        for number, likelihood in zip(ids[1:], best.values[1:].tolist(), strict=True):
            others.setdefault(words.item(number), likelihood)
        others.pop(words.item(ids[0]), None)
        return [Given(words.text(said), probability), *starmap(Given, others.items())]

    @staticmethod
    def _with_answer_so_far(asked: Tensor, said: list[int]) -> Tensor:
        """A question [1, words] with the words of its answer so far."""
        return torch.from_numpy(said_so_far(asked[0].cpu().numpy(), said)).to(asked)[None]

    @sealed()
    @subnormals_flushed()
    def weights(
        self, story: Sequence[Utterance], question: Utterance, answer: str
    ) -> list[tuple[float, ...]]:
        """For each sentence the weight of each of its tokens in an answer that was given.

        Where the variant's words cannot be followed but it shows "evidence", all of a sentence's
        tokens share that. Raises RelmemError where it does not either.
        """
        if question.versus:
            answer = dict(zip(question.versus, _YES_NO, strict=True)).get(answer, answer)
            question = _by_yes_or_no(question)
        words = self._no_words.copy()
        sentences = [self._encode(sentence, words) for sentence in story]
        names = words.copy()
        asked = self._encode(question, words)
        answers = self._allowed(question, words if question.among else names, asked)
        first = answer.partition(",")[0] if self.open_words else answer
        places = [at for at, number in enumerate(answers.tolist()) if words.item(number) == first]

        def score(state: Any) -> Tensor:
            if question.among or not (spelled := self._model.spell(state, asked)):
                logits = self._logits(state, asked, answers)
                return log_odds(logits, max(places, key=logits.tolist().__getitem__))
            return spelled.probability.log().sum()

        weights = word_weights(self._model, sentences, score)
        lengths = [len(self.tokens(sentence)) for sentence in story]
        if weights is not None and self.open_words:
            return self._by_token(story, weights)
        if weights is None:
            shares = self._evidence(story, question)
            return [(share / count,) * count for share, count in zip(shares, lengths, strict=True)]
        return [tuple(each[:count]) for each, count in zip(weights, lengths, strict=True)]

    def _by_token(
        self, story: Sequence[Utterance], weights: Sequence[Sequence[float]]
    ) -> list[tuple[float, ...]]:
        """Weights of what was read as weights of tokens: a name's are shared by its tokens."""
        words = self._no_words.copy()
        found = []
        for sentence, given in zip(story, weights, strict=True):
            tokens = self.tokens(sentence)
            each = [0.0] * len(tokens)
            for places, weight in zip(words.places(tokens), given, strict=False):
                for place in places:
                    each[place] += weight / len(places)
            found.append(tuple(each))
        return found

    def _evidence(self, story: Sequence[Utterance], question: Utterance) -> list[float]:
        """Each sentence's weight as the variant itself tells it, at least 0."""
        state = self.begin()
        for sentence in story:
            state = self.read(state, sentence)
        chart = self.look(state, question).get("evidence")
        if chart is None:
            raise RelmemError(
                f"the variant {self.card.variant} looks up its words in a way of its own and shows "
                "no evidence: which sentences an answer was read from cannot be told."
            )
        shares = [max(value, 0.0) for value in chart.values[-1][-len(story) :]]
        return [0.0] * (len(story) - len(shares)) + shares

    @sealed()
    @torch.inference_mode()
    @subnormals_flushed()
    def look(self, state: Any, question: Utterance | None = None) -> dict[str, HeatMap]:
        """What the model shows of a state, by name, for a question or for a blank one.

        Raises RelmemError where that is no charts.
        """
        memory, words = self._open(state)
        encoded = self._blank if question is None else self._encode(question, words)
        charts = self._model.explain(memory, encoded)
        if fault := misdrawn(charts):
            variant = registry().variants.get(self.card.variant)
            of = f" of plugin {variant.plugin}" if variant and variant.plugin else ""
            raise RelmemError(
                f"variant {self.card.variant}{of}: {fault}; "
                "relmem_cli.testing.check_variant tells more."
            )
        return {name: self._map(name, chart, words) for name, chart in charts.items()}

    def gates(self, state: Any) -> HeatMap | None:
        """How far the latest sentence opened each slot [1, slots]; None where there are none."""
        return self.look(state).get("gates") if "gates" in self.looks else None

    @cached_property
    def looks(self) -> frozenset[str]:
        """The names of what the variant can show; of a transformer it costs a whole answer."""
        return frozenset(self.look(self.begin()))

    @cached_property
    def _blank(self) -> Tensor:
        """A question without a word."""
        return torch.zeros(
            1, self.token_limit(UtteranceKind.question), dtype=torch.int64, device=self._device
        )

    def _map(self, name: str, chart: Chart, words: StoryWords) -> HeatMap:
        def labels(ids: tuple[int, ...] | None) -> tuple[str, ...]:
            return tuple(words.item(i) for i in ids or ())

        return HeatMap(
            name=name,
            values=tuple(map(tuple, chart.values.tolist())),
            rows=chart.rows,
            columns=chart.columns,
            row_labels=labels(chart.row_labels),
            column_labels=labels(chart.column_labels),
        )

    def _encode(self, said: Utterance, words: StoryWords) -> Tensor:
        """Token ids [1, words]; what the vocabulary lacks is added to the story's `words`."""
        is_sentence = said.kind is UtteranceKind.sentence
        ids = words.encode(self.tokens(said), self.token_limit(said.kind), is_sentence=is_sentence)
        return torch.tensor([ids], device=self._device)

    def _allowed(self, question: Utterance, words: StoryWords, asked: Tensor) -> Tensor:
        """The ids of what may be answered: what the question names, else all known answers.

        asked  the question's ids [1, words]; of open words no name among them is an answer, but
               where the question gives a choice

        Raises RelmemError for something that the model knows by no id.
        """
        if question.among:
            words.encode(question.among, len(question.among))
            named = {item: words.id(item) for item in question.among}
            if unknown := [item for item, number in named.items() if not number]:
                raise RelmemError(f"the model does not know {', '.join(map(repr, unknown))}.")
            return torch.tensor(list(named.values()), device=self._device)
        if self.open_words and self._answerable.whether and asks_whether(question.tokens):
            return torch.tensor(self._answerable.whether, device=self._device)
        out = asked[0].tolist() if self.open_words and "or" not in question.tokens else ()
        return torch.tensor(self._answerable.ids_for(words, out), device=self._device)

    def read_as(self, state: Any) -> dict[str, str]:
        """The unknown names of a story so far, each with the known one that it is read as."""
        words = state.words if isinstance(state, _StateAndWords) else None
        return dict(words.stands) if isinstance(words, StandIns) else {}

    @property
    def _no_words(self) -> StoryWords:
        if self.stand_ins:
            return StandIns(self.vocabulary, self._follows)
        return story_words(self.vocabulary, self.card.sizes, any_number=self.any_number)

    def _keep(self, state: Any, words: StoryWords) -> Any:
        """What chat keeps: the model's state, with the story's words where it has own ones."""
        own = self.card.sizes.extra or self.open_words or self.stand_ins
        return _StateAndWords(state, words) if own else state

    def _open(self, state: Any) -> tuple[Any, StoryWords]:
        """What `_keep` kept; words may be added to those."""
        if isinstance(state, _StateAndWords):
            return state.memory, state.words.copy()
        return state, self._no_words


def _by_yes_or_no(question: Utterance) -> Utterance:
    """The question which of two has more, as it is read: whether the first one has."""
    return replace(question, versus=None, among=_YES_NO if question.among else ())
