"""`--data world`: stories that are told anew, without files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from relmem_cli.errors import RelmemError
from relmem_cli.nearest import did_you_mean
from relmem_cli.stories.catalogue import TaskName, task_name
from relmem_cli.stories.story import Story
from relmem_cli.world.kind import Kind

if TYPE_CHECKING:
    from relmem_cli.world.teller import Line

Kinds = Callable[[], Mapping[str, Kind]]


@dataclass(frozen=True, kw_only=True)
class World:
    """Stories of all kinds or of one; the same settings tell the same ones.

    kinds      what there is
    kind       the only one, or "" for all
    words      whose: babi, everyday or a file
    style      how things are said: babi, everyday, varied or, to test with, held-out
    questions  how many train
    seed       of the stories
    sentences, people, facts, distance, distractors, again  how hard the mixture is; see `Level`
    """

    kinds: Kinds
    kind: str = ""
    words: str = "babi"
    style: str = "babi"
    questions: int = 1000
    seed: int = 0
    sentences: int = 0
    people: int = 0
    facts: int = 0
    distance: int = 0
    distractors: int = 0
    again: int = 0
    summary: str = field(
        default="Stories told anew: bAbI's twenty kinds and their mixture.", compare=False
    )

    @property
    def name(self) -> str:
        """What people type, with what is not as usual."""
        usual = {one.name: one.default for one in fields(self)}
        given = [
            f"{name}={getattr(self, name)}"
            for name in _SETTINGS
            if getattr(self, name) != usual[name]
        ]
        return ":".join(["world", *filter(None, [",".join([*filter(None, [self.kind]), *given])])])

    @property
    def tasks(self) -> Mapping[TaskName, str]:
        """The kinds and their titles."""
        kinds = self.kinds()
        return {
            task_name(name): kind.title for name, kind in kinds.items() if self.kind in ("", name)
        }

    def open(self, argument: str) -> "World":
        """A kind and settings: "mixture", "3,questions=5000", "mixture,words=everyday".

        Raises ValueError for what there is not.
        """
        world = self
        for place, part in enumerate(argument.split(",")):
            name, equals, value = part.strip().partition("=")
            if not equals and place == 0:
                if name not in self.kinds():
                    known = self.kinds()
                    hint = did_you_mean(name, known, f"the kinds are {', '.join(known)}")
                    raise ValueError(f"there is no kind {name!r}; {hint}")
                world = replace(world, kind=name)
                continue
            if name not in _SETTINGS:
                hint = did_you_mean(name, _SETTINGS, f"they are {', '.join(_SETTINGS)}")
                raise ValueError(f"{part!r} is no setting; {hint}")
            world = replace(world, **{name: _value(name, value)})
        world.check_level()
        return world

    def check_level(self) -> None:
        """Raise ValueError where bAbI's kinds are to be harder, which they cannot be."""
        given = [name for name in LEVELS if getattr(self, name)]
        if given and self.kind.isdecimal():
            raise ValueError(f"{given[0]} is the mixture's; kind {self.kind} is as it is")

    def stories(self, task: TaskName, split: str) -> list[Story]:
        """Stories of a kind: `questions` to train on, at most 1,000 to test."""
        from relmem_cli.world.story_stream import as_story

        return [as_story(lines, task) for lines in self.tell_stories(str(task), split)]

    def tell_stories(self, kind: str, split: str) -> "Iterator[list[Line]]":
        """The same as text, one story after another."""
        from relmem_cli.world.lexicon import load_lexicon
        from relmem_cli.world.phrases import load_style
        from relmem_cli.world.story_stream import tell_stories
        from relmem_cli.world.teller import Level, Voice

        found = self.kinds().get(kind)
        if found is None or self.kind not in ("", kind):
            raise RelmemError(f"{self.name} has no kind {kind!r}.")
        voice = Voice(lexicon=load_lexicon(self.words), style=load_style(self.style))
        level = Level(**{name: getattr(self, name) for name in LEVELS})
        questions = self.questions if split == "train" else min(self.questions, 1000)
        return tell_stories(
            found, voice, seed=f"{split}{self.seed}", questions=questions, level=level
        )


LEVELS = ("sentences", "people", "facts", "distance", "distractors", "again")
"""What makes the mixture harder."""

_SETTINGS = ("words", "style", "questions", "seed", *LEVELS)
_LEAST = {"seed": 0, "people": 2}
_MOST = {"distractors": 6, "again": 90}


def _value(name: str, value: str) -> Any:
    if name in ("words", "style"):
        return value
    least, most = _LEAST.get(name, 1), _MOST.get(name, 10**9)
    if not value.isdecimal() or not least <= int(value) <= most:
        to = f" to {most}" if name in _MOST else ""
        raise ValueError(f"{name} is {value!r}; it must be a whole number from {least}{to}")
    return int(value)
