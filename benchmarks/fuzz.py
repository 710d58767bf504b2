"""What odd lines do in a conversation: none of them crashes it, or steers a terminal.

    uv run python benchmarks/fuzz.py [--lines N] [--seed S]

Each line is drawn from the seed and its number: bAbI's and everyday sentences and questions with
letters changed, dropped, doubled and exchanged, words of a lexicon in any order, commands with odd
arguments, tabs, numbers, letters of all scripts, control characters and halves of letters. They go
to two models, with open words and without, through the pipe that `relmem chat` is without a
terminal. A line fails where anything but a RelmemError comes up, where an answer has what steers a
terminal, or where it takes more than a second. The exit code is 1 where one does.
"""

import argparse
import io
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.pipe import Pipe
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.door import printable
from relmem_cli.errors import RelmemError
from relmem_cli.library import find_model
from relmem_cli.plugins import registry
from relmem_cli.training.checkpoints import load_model
from relmem_cli.training.device import pick_device
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.phrases import load_style
from relmem_cli.world.teller import Level, Teller, Voice

MODELS = ("open-transformer-joint", "relation-transformer-joint")
SECONDS = 1.0
ODD = (
    *"\x00\x07\x08\x1b\x7f\x85\u009b\u200b\u202e\u2028\ufeff\ud800\U000e0041",
    "\x1b]52;c;aGk=\x07", "\x1b[2J", "\r", "\t", "\t\t", "  ", "?", "?.", "...", "\u3002", "\uff1f",
    "'", "'s", "n't", "\u2019s", ",", ";", ":", "--", "\u2014", "(", ")", '"', "1 ", "0 ", "-1 ",
    "99999999999 ", "/", "/undo ", "\u0130", "\u00df", "\u0645\u0631\u0645", "\U0001f600", "and",
)  # fmt: skip
COMMANDS = ("clear", "undo", "why", "memory", "save", "load", "words", "among", "x" * 300, "", "/")


class Lines:
    """Lines by number."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._good = list(_good())
        self._words = sorted({word for line in self._good for word in line.split()})

    def line(self, number: int) -> str:
        """One of them; it is the same for the same seed and number."""
        rng = random.Random(f"{self._seed}/{number}")  # noqa: S311  # no secret
        draw = rng.random()
        if draw < 0.15:
            return rng.choice(self._good)
        if draw < 0.55:
            return _changed(rng.choice(self._good), rng)
        if draw < 0.75:
            words = rng.choices(self._words, k=rng.choice((1, 2, 5, 9, 30)))
            return _changed(" ".join(words), rng)
        if draw < 0.85:
            argument = "".join(rng.choices((*ODD, *self._words[:50]), k=rng.randint(0, 4)))
            return f"/{rng.choice(COMMANDS)} {argument}"
        if draw < 0.98:
            letters = (
                chr(rng.choice((rng.randrange(0x250), rng.randrange(0x110000)))) for _ in "12"
            )
            return "".join(rng.choices((*ODD, *letters, "a", " "), k=rng.choice((1, 3, 12, 60))))
        return rng.choice(self._words) * rng.choice((500, 5000))


def _good() -> Iterator[str]:
    """Sentences and questions of the mixture, as three styles have them, and as bAbI's lines."""
    for words, style in (("babi", "babi"), ("everyday", "everyday"), ("everyday", "varied")):
        voice = Voice(lexicon=load_lexicon(words), style=load_style(style))
        for seed in range(40):
            teller = Teller("mixture", voice, random.Random(seed), Level())  # noqa: S311
            MIXTURE.tell(teller)
            for number, line in enumerate(teller.lines, start=1):
                yield line.text
                if line.answer is not None:
                    yield f"{number} {line.text}\t{line.answer}\t1"


def _changed(line: str, rng: random.Random) -> str:
    """The line with up to four changes."""
    letters = list(line)
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(letters) + 1)
        what = rng.random()
        if what < 0.4:
            letters[at:at] = rng.choice(ODD)
        elif what < 0.7:
            del letters[at : at + rng.choice((1, 1, 5))]
        elif what < 0.85:
            letters[at:at] = letters[at : at + 3]
        else:
            letters[at : at + 2] = letters[at : at + 2][::-1]
    return "".join(letters)


class Strict(Reader):
    """A reader that notes what nobody meant to be raised: a pipe would tell it and go on."""

    fault: BaseException | None = None

    def read(self, state: object, sentence: Utterance) -> object:
        """Read, as a Reader does."""
        return self._noted(super().read, state, sentence)

    def answer(self, state: object, question: Utterance) -> object:
        """Answer, as a Reader does."""
        return self._noted(super().answer, state, question)

    def _noted(self, function: object, *arguments: object) -> object:
        try:
            return function(*arguments)  # type: ignore[operator]
        except RelmemError:
            raise
        except Exception as error:
            self.fault = error
            raise


def run(
    lines: int, seed: int, *, seconds: float = math.inf, models: Sequence[str] = MODELS
) -> tuple[Counter[str], list[str]]:
    """How many lines did what, and a sentence for each that failed or took so many seconds."""
    drawn = Lines(seed)
    tally: Counter[str] = Counter()
    problems: list[str] = []
    readers = []
    for name in models:
        loaded = load_model(find_model(name), registry().variants, pick_device("cpu"))
        readers.append(Strict(loaded, name=name))
    pipes = [_Listened(reader, seconds) for reader in readers]
    for pipe in pipes:
        pipe.take("Ann left. Where is Ann?")  # the first line loads a dictionary
    for number in range(lines):
        which = number % len(pipes)
        outcome = pipes[which].take(drawn.line(number))
        tally[outcome] += 1
        if outcome not in ("quiet", "answered", "warned"):
            problems.append(f"{models[which]}, line {number}: {outcome}")
    return tally, problems


class _Listened:
    """A pipe to one model, and what comes out of it."""

    def __init__(self, reader: Strict, seconds: float) -> None:
        self._reader, self._seconds = reader, seconds
        self._out, self._said = io.StringIO(), list[str]()
        self._begin()

    def _begin(self) -> None:
        self._pipe = Pipe(self._reader, out=self._out, warn=self._said.append)  # type: ignore[arg-type]
        self._told = 0

    def take(self, line: str) -> str:
        """What a line does."""
        self._out.seek(0)
        self._out.truncate()
        self._said.clear()
        self._reader.fault = None
        begun = time.perf_counter()
        self._told += 1
        if self._told > 200:  # stories of some length
            self._begin()
        try:
            self._pipe.run(io.BytesIO(line.encode("utf-8", "surrogatepass") + b"\n"))
        except Exception as error:
            self._begin()
            return f"raised {type(error).__name__}: {error}"
        if self._reader.fault is not None:
            return f"raised {type(self._reader.fault).__name__}: {self._reader.fault}"
        if time.perf_counter() - begun > self._seconds:
            return f"took more than {self._seconds:g} s"
        out = self._out.getvalue()
        if out != printable(out):
            return f"answered {out!r}"
        return "answered" if out else "warned" if self._said else "quiet"


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    begun = time.perf_counter()
    tally, problems = run(asked.lines, asked.seed, seconds=SECONDS)
    took = time.perf_counter() - begun
    sys.stdout.write(f"{asked.lines} lines in {took:.0f} s: {dict(tally.most_common(6))}\n")
    for problem in problems[:20]:
        sys.stdout.write(f"  {printable(problem)[:300]}\n")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
