"""Checking anybody's stories: what contradicts itself, wrong answers, wrong supports."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from relmem_cli.stories.story import Question, Story
from relmem_cli.world.lexicon import Lexicon, load_lexicon
from relmem_cli.world.phrases import STYLES, load_style
from relmem_cli.world.solver.grammar import Grammar
from relmem_cli.world.solver.places import ContradictionError
from relmem_cli.world.solver.solve import Solver, UnreadError


class Fault(NamedTuple):
    """What is wrong with a line, as a sentence; `line` counts the file's from 1."""

    line: int
    kind: str
    text: str


@dataclass(kw_only=True)
class SolverReport:
    """How many of a file's questions are answered as the file says; and what is wrong with it.

    unread  questions that the solver cannot read, or not what comes before them
    """

    questions: int = 0
    right: int = 0
    unread: int = 0
    faults: list[Fault] = field(default_factory=list)


class Checker:
    """Reads stories in all styles, with the words of some lexicons."""

    def __init__(self, words: Sequence[str] = ("babi", "everyday")) -> None:
        self.lexicons: list[Lexicon] = [load_lexicon(name) for name in dict.fromkeys(words)]
        self.grammar = Grammar([load_style(style) for style in STYLES], self.lexicons)

    def solver(self, *, strict: bool = True) -> Solver:
        """A solver that has read nothing yet."""
        return Solver(self.grammar, self.lexicons, strict=strict)

    def check(self, stories: Iterable[Story]) -> SolverReport:
        """Check the stories of one file, in order."""
        checked = SolverReport()
        before = 0
        for story in stories:
            checked.faults += self._faults(story, before, checked)
            before += len(story.sentences) + len(story.questions)
        return checked

    def _faults(self, story: Story, before: int, checked: SolverReport) -> Iterator[Fault]:
        solver, read, lost = self.solver(), 0, False
        for number, question in enumerate(story.questions):
            for fault in self._told(solver, story, read, question.position, before + number):
                lost = lost or fault.kind == "unread"
                yield fault
            read = question.position
            checked.questions += 1
            if lost:
                checked.unread += 1
                continue
            line = before + question.position + number + 1
            yield from self._of_question(solver, story, question, line, checked)
        yield from self._told(
            solver, story, read, len(story.sentences), before + len(story.questions)
        )

    def _told(
        self, solver: Solver, story: Story, first: int, end: int, before: int
    ) -> Iterator[Fault]:
        """Read some of a story's sentences; `before` lines of the file stand before its first."""
        for place in range(first, end):
            try:
                solver.tell(story.sentences[place])
            except UnreadError as error:
                yield Fault(before + place + 1, "unread", f"{error}")
            except ContradictionError as error:
                yield Fault(before + place + 1, "contradiction", f"{error}")

    def _of_question(
        self, solver: Solver, story: Story, question: Question, line: int, checked: SolverReport
    ) -> Iterator[Fault]:
        try:
            found = solver.ask(question.text)
            right = solver.agree(question.text, found, question.answer)
        except UnreadError as error:
            checked.unread += 1
            yield Fault(line, "unread", f"{error}")
            return
        if not right:
            said = "the story does not say" if found == "unknown" else f"by the story it is {found}"
            yield Fault(line, "answer", f"the answer is {question.answer}; {said}")
            return
        checked.right += 1
        if question.supports and not self._suffice(story, question):
            numbers = " ".join(str(place + 1) for place in question.supports)
            yield Fault(
                line, "supports", f"sentences {numbers} do not suffice for {question.answer}"
            )

    def _suffice(self, story: Story, question: Question) -> bool:
        solver = self.solver(strict=False)
        for place in sorted(question.supports):
            solver.tell(story.sentences[place])
        return solver.agree(question.text, solver.ask(question.text), question.answer)
