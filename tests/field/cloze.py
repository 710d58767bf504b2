"""Synthetic cloze passages in the manner of the Children's Book Test (arXiv 1511.02301)."""

from random import Random
from typing import ClassVar

from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize

SYLLABLES = ["ba", "dor", "el", "fin", "gu", "ha", "ik", "jo", "ka", "lim", "mo", "nar", "os"]
THINGS = [
    "apple",
    "ball",
    "boat",
    "book",
    "cake",
    "coin",
    "drum",
    "flute",
    "hat",
    "kite",
    "lamp",
    "ring",
    "rope",
]
TOLD = "{name} took the {thing} .", "{thing} was given to {name} .", "{name} hid the {thing} ."


class Cloze:
    """`--data cloze` or `--data cloze:8`, a passage of so many sentences."""

    name = "cloze"
    summary = "Synthetic cloze passages: a word of the last sentence is left out."
    tasks: ClassVar = {"NE": "Named Entities", "CN": "Common Nouns"}
    splits = ("train", "valid", "test")

    def __init__(self, sentences: int = 6) -> None:
        self.sentences = sentences

    def open(self, argument: str) -> "Cloze":
        """A source of longer or shorter passages, at most as many as there are things."""
        if not argument.isdigit() or not 1 <= int(argument) <= len(THINGS):
            raise ValueError(f"cloze:{argument} is not a number from 1 to {len(THINGS)}")
        return Cloze(int(argument))

    def stories(self, task: str, split: str) -> list[Story]:
        """Always the same ones."""
        random = Random(f"{task} {split} {self.sentences}")
        count = {"train": 600, "valid": 100, "test": 200}[split]
        return [self._story(task, random) for _ in range(count)]

    def _story(self, task: str, random: Random) -> Story:
        names = {"".join(random.sample(SYLLABLES, 5)): None for _ in range(3 * self.sentences)}
        pairs = list(zip(names, random.sample(THINGS, self.sentences), strict=False))
        told = [random.choice(TOLD).format(name=name, thing=thing) for name, thing in pairs]
        name, thing = random.choice(pairs)
        query = f"then XXXXX had no {thing}" if task == "NE" else f"then {name} had no XXXXX"
        question = Question(
            text=tuple(tokenize(query)),
            answer=name if task == "NE" else thing,
            position=len(told),
            supports=(pairs.index((name, thing)),),
            candidates=tuple(pair[task == "CN"] for pair in pairs),
        )
        sentences = tuple(tuple(tokenize(line)) for line in told)
        return Story(sentences=sentences, questions=(question,), task=task)
