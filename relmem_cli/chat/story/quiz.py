"""A quiz: the user and the model answer the same questions, and the score is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One question as it was answered; all in the words that were typed or shown."""

    question: Utterance
    yours: str
    models: str

    @property
    def you_right(self) -> bool:
        """Whether the user's answer is the true one."""
        return _plain(self.yours) == _plain(self.question.truth)

    @property
    def model_right(self) -> bool:
        """Whether the model's answer is the true one."""
        return self.models == self.question.truth


class Quiz:
    """Tells a session a story with true answers up to each of its questions.

    The model answers a question only after the user, so that nobody copies.
    """

    def __init__(self, session: Session, story: Sequence[Utterance]) -> None:
        self.rounds: list[Round] = []
        self.sentences: tuple[Utterance, ...] = ()
        self._session = session
        self._rest = list(story)
        self._session.clear()
        self.question = self._next()

    def answer(self, text: str) -> Round:
        """Take the user's answer, and the model's; goes on to the next question."""
        question = self.question
        if question is None:
            raise ValueError("the quiz is over: there is no question to answer")
        turn = self._session.say(question)
        models = turn.answer.answer if turn.answer else ""
        self.rounds.append(Round(question=question, yours=text.strip(), models=models))
        self.question = self._next()
        return self.rounds[-1]

    @property
    def score(self) -> tuple[int, int]:
        """The user's right answers, and the model's."""
        return (
            sum(one.you_right for one in self.rounds),
            sum(one.model_right for one in self.rounds),
        )

    def _next(self) -> Utterance | None:
        """Tell what comes before the next question; None at the story's end."""
        self.sentences = tuple(self._until_question())
        return self._rest.pop(0) if self._rest else None

    def _until_question(self) -> Iterator[Utterance]:
        while self._rest and self._rest[0].kind is UtteranceKind.sentence:
            said = self._rest.pop(0)
            self._session.say(said)
            yield said


def _plain(answer: str) -> list[str]:
    """An answer's words, whatever their case, what separates them and what mark ends them.

    "n,s", "n s", "N, S" and "n s?" are the same.
    """
    return answer.lower().rstrip(" .?!").replace(",", " ").split()
