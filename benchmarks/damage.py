"""What damaged files do: each ends in one clear line or a right answer, and soon.

    uv run python benchmarks/damage.py [--models N] [--others N] [--seed S] [--only KIND:NUMBER]

A case is a good file with something wrong in it, drawn from the seed, the kind of file and its
number, so that --only repeats one. Models are listed, loaded and asked a question; settings,
words, results, metrics and conversations are read as commands read them. A case fails where
anything but a RelmemError is raised, where its message has more than 300 characters, a newline or
a control character, where a model answers with something outside its words, or where it takes more
than 0.2 s of processor time or 100 MB more than a good file did. The exit code is 1 where one does.
"""

import argparse
import gc
import json
import os
import random
import struct
import sys
import tempfile
import time
import warnings
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from relmem_cli.app import _built_in
from relmem_cli.builtin import COMMANDS
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.autosave import Autosave, latest_conversation
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.commands.models import _row
from relmem_cli.config import FILE, check_section, load_config
from relmem_cli.errors import RelmemError
from relmem_cli.library import LibraryModel, find_model
from relmem_cli.plugins import registry
from relmem_cli.reports.trained import trained_table
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.ledger import open_ledger, read_results
from relmem_cli.runs.metrics import read_metrics
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.toml_text import put
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.checkpoints import load_model, save_model
from relmem_cli.training.settings import Settings
from relmem_cli.world.lexicon import load_lexicon

LONGEST_MESSAGE = 300
SECONDS = 0.2
MEGABYTES = 100

SHIPPED = ("relation-transformer-1", "relation-slot-joint", "open-transformer-joint")
TINY = ("entnet", "multi-hop", "relation-slot", "self-memory", "all-relations")
WORDS = ("<pad>", "bob", "garden", "in", "is", "the", "went", "where")
STORY = ("Bob went in the garden.", "Where is Bob?")

DEEP = "[" * 100_000
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2, 7, 51, 50_000, 10**7, 10**18, 10**400, -(10**9), 0.5, 1e300,
    float("nan"), float("inf"), "", "x", "<pad>", "a\nb", "\x1b[31m", "\ud800", "x" * 100_000,
    [], {}, [[]], {"": {}}, ["x"] * 1000, [1, [2, [3]]], {"x": [None]}, {"errors": 1, "n": 0},
)  # fmt: skip
"""What a value is replaced by."""


@dataclass
class Tally:
    """What came of the cases of one kind."""

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    slowest: float = 0.0
    most: float = 0.0


class Kind(ABC):
    """One kind of file; `whole` are good ones, the largest last."""

    name = ""
    path = Path()
    whole: Sequence[bytes] = ()

    @abstractmethod
    def damage(self, rng: random.Random) -> None:
        """Write a file with something wrong in it."""

    @abstractmethod
    def read(self) -> None:
        """Read it as people do."""


# What is done to texts and values


def replace_somewhere(value: Any, rng: random.Random) -> Any:
    """The value with something odd in place of itself or of one of its parts."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.2:
        return rng.choice(ODD)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = rng.choice(keys)
    changed = dict(value) if isinstance(value, dict) else list(value)
    if rng.random() < 0.1:
        del changed[key]
    else:
        changed[key] = replace_somewhere(value[key], rng)
    return changed


def nested(rng: random.Random) -> str:
    """JSON that is very deep, or as deep as a parser can take."""
    depth = rng.choice((20, 40, 300, 900, 100_000))
    return "[" * depth + "]" * depth if rng.random() < 0.7 else '{"a":' * depth + "1" + "}" * depth


def cut_up(data: bytes, rng: random.Random) -> bytes:
    """Bytes with a part of them lost, doubled, flipped or written over."""
    begin = rng.randrange(len(data) + 1)
    end = min(len(data), begin + rng.choice((1, 1, 2, 8, 100)))
    noise = rng.choice((b"[", b"]", b"{", b'"', b",", b"\0", b"\xff", b"\x1b[31m", b"9" * 5000,
                        b"=", b".", b"\n", DEEP.encode(), rng.randbytes(8)))  # fmt: skip
    middle = rng.choice((b"", noise, data[begin:end] * 2, data[begin:end] + noise))
    return data[:begin] + middle + data[end:]


def flipped(data: bytes, rng: random.Random, begin: int, end: int) -> bytes:
    """Bytes with one to eight bits turned round between two places."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(begin, max(end, begin + 1))] ^= 1 << rng.randrange(8)
    return bytes(changed)


# Models


class Models(Kind):
    """Model files: some that ship, and one of each variant, too small to be of use."""

    name = "model"
    path = Path("m.safetensors")

    def __init__(self) -> None:
        self.variants = registry().variants
        shipped = [find_model(name).read_bytes() for name in SHIPPED]
        self.whole = [*map(self._tiny, TINY), *shipped]

    def _tiny(self, name: str) -> bytes:
        sizes = Sizes(vocabulary=len(WORDS), sentence_length=6, question_length=6)
        options = self.variants[name].defaults() | {"slots": 3, "dim": 4}
        vocabulary = Vocabulary(WORDS, frozenset(WORDS[1:3]))
        settings = vars(Settings(variant=name, task="1", options=options))
        card = ModelCard(
            variant=name,
            options=options,
            sizes=sizes,
            vocabulary=vocabulary,
            record={
                "settings": settings,
                "validation": {"errors": 1, "n": 9, "loss": 0.5},
                "test": {"1": {"errors": 1, "n": 9, "loss": 0.5}},
            },
        )
        save_model(self.path, self.variants[name].build(sizes, options).state_dict(), card)
        return self.path.read_bytes()

    def damage(self, rng: random.Random) -> None:
        *small, large = self.whole
        data = large if rng.random() < 0.05 else rng.choice(small)
        way = rng.choice((self._bytes, self._length, self._card, self._card, self._tensor,
                          self._weights))  # fmt: skip
        self.path.write_bytes(way(data, rng))
        if rng.random() < 0.02:
            os.truncate(self.path, rng.choice((3_000_000_000, self.path.stat().st_size + 4)))

    def _bytes(self, data: bytes, rng: random.Random) -> bytes:
        length = int.from_bytes(data[:8], "little")
        way = rng.randrange(5)
        if way == 0:
            return flipped(data, rng, 0, len(data))
        if way == 1:
            return flipped(data, rng, 0, 8 + length)
        if way == 2:
            return data[: rng.randrange(len(data))]
        header = cut_up(data[8 : 8 + length], rng)
        kept = len(header) if way == 3 else length
        return struct.pack("<Q", kept) + header + data[8 + length :]

    def _length(self, data: bytes, rng: random.Random) -> bytes:
        length = rng.choice((0, 1, 2, 8, len(data), len(data) - 8, 3_000_000_000, 1 << 62,
                             (1 << 64) - 1, rng.randrange(len(data))))  # fmt: skip
        return struct.pack("<Q", length) + data[8:]

    def _card(self, data: bytes, rng: random.Random) -> bytes:
        """With something else in one part of its card."""

        def change(header: dict[str, Any]) -> None:
            card = header["__metadata__"]
            part = rng.choice(("sizes", "options", "record", "vocabulary", "answers", "variant",
                               "format", "sizes", "options", "record"))  # fmt: skip
            if part in ("variant", "format"):
                card[part] = rng.choice((*ODD, *self.variants))
            elif rng.random() < 0.1:
                card[part] = rng.choice((nested(rng), cut_up(card[part].encode(), rng).decode(
                    errors="replace"), rng.choice(ODD)))  # fmt: skip
            else:
                card[part] = json.dumps(replace_somewhere(json.loads(card[part]), rng))
            if rng.random() < 0.05:
                del card[part]

        return with_header(data, change)

    def _tensor(self, data: bytes, rng: random.Random) -> bytes:
        """With something else in the header's entry of a tensor."""

        def change(header: dict[str, Any]) -> None:
            name = rng.choice([name for name in header if name != "__metadata__"])
            way = rng.randrange(4)
            if way == 0:
                header[rng.choice(("x", "\x1b[31m", "y" * 10_000))] = header.pop(name)
            elif way == 1:
                header[name]["shape"] = header[name]["shape"][::-1]
            elif way == 2:
                header[name]["dtype"] = rng.choice(("F16", "F64", "I32", "C64", "F8_E5M2", "U8"))
            else:
                header[name] = replace_somewhere(header[name], rng)

        return with_header(data, change)

    def _weights(self, data: bytes, rng: random.Random) -> bytes:
        """With weights that are no numbers, or very large."""
        begin = 8 + int.from_bytes(data[:8], "little")
        worst = struct.pack("<f", rng.choice((float("nan"), float("inf"), 3e38, -1e30)))
        if rng.random() < 0.3:
            return data[:begin] + worst * ((len(data) - begin) // 4)
        place = begin + 4 * rng.randrange((len(data) - begin) // 4)
        return data[:place] + worst + data[place + 4 :]

    def read(self) -> None:
        _row(LibraryModel(name="m", path=self.path, origin="yours"))
        trained = load_model(self.path, self.variants, torch.device("cpu"))
        reader = Reader(trained, name="m")
        ((sentence, question),) = split_stories(STORY)
        answer = reader.answer(reader.read(reader.begin(), sentence), question)
        words = {*trained.vocabulary.items, "bob", "Bob", "the garden", "garden"}
        if not {answer.answer} <= words:
            raise AssertionError(f"it answers {answer.answer!r}")


def with_header(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A model file whose header was changed, with its length put right."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + data[8 + length :]


# Other files


class Text(Kind):
    """A text file that is cut up, or lines of values of which one is replaced."""

    text = ""

    @property
    def whole(self) -> Sequence[bytes]:
        return [self.text.encode()]

    def damage(self, rng: random.Random) -> None:
        data = self.text.encode()
        if rng.random() < 0.5:
            self.path.write_bytes(self.replaced(rng).encode(errors="surrogatepass"))
            return
        for _ in range(rng.randint(1, 3)):
            data = cut_up(data, rng)
        self.path.write_bytes(data)

    @abstractmethod
    def replaced(self, rng: random.Random) -> str:
        """The text with another value somewhere."""


class Toml(Text):
    """TOML: `key = value` lines."""

    def replaced(self, rng: random.Random) -> str:
        lines = self.text.splitlines()
        place = rng.randrange(len(lines))
        key = lines[place].partition("=")[0].strip("[] ") or "x"
        value = rng.choice(ODD)
        written = rng.choice((
            f"{key} = {'null' if value is None else json.dumps(value)}",
            f"{key} = {DEEP}",
            f"{key} = " + "{a=" * 500 + "1" + "}" * 500,
            f"{'a.' * rng.choice((50, 5000))}b = 1",
            f"[{'.'.join([key] * rng.choice((2, 5000)))}]",
            f"[[{key}]]",
            f"{key} = 1979-99-99",
            f"{key} = 9" + "9" * 5000,
            f'"{"k" * 5000}" = 1',
            f"{rng.choice(('epoch', 'Epochs', 'x' * 500))} = 3",
            DEEP,
        ))  # fmt: skip
        lines[place] = written
        return "\n".join(lines)


class Config(Toml):
    """relmem.toml."""

    name = "relmem.toml"
    path = Path(FILE)
    text = (
        '[train]\nepochs = 50\nvariant = ["entnet"]\nset = ["dim=8"]\n'
        '[chat]\nmodel = "entnet-1"\npanel = ["score"]\n'
        '[params.table]\nformat = "json"\n'
    )

    def __init__(self) -> None:
        self.commands = {name: _built_in(name) for name in ("train", "chat", "params")}

    def read(self) -> None:
        settings = load_config(COMMANDS)
        for name, command in self.commands.items():
            check_section(settings, name, command)
        with suppress(ValueError):  # which `relmem config set` tells in a sentence
            put(self.path.read_text("utf-8"), ["chat"], "model", "x")


class RunSettings(Toml):
    """A run's settings.toml, when it is gone on with."""

    name = "settings.toml"
    path = Path("settings.toml")
    settings = Settings(variant="entnet", task="1", options={"dim": 8, "slots": 3})
    text = settings.to_toml()

    def read(self) -> None:
        RunFolder(path=Path()).check(self.settings, resume=True)


class Words(Toml):
    """A file of words for told stories."""

    name = "words"
    path = Path("words.toml")
    text = (
        'person = ["Ann", "Bob"]\nplace = ["attic", "shed"]\nthing = ["cup", "key"]\n'
        '[kinds.1]\nplace = ["attic"]\n[motive.tired]\nplace = "attic"\nthing = ["cup"]\n'
    )

    def __init__(self) -> None:
        load_lexicon("everyday")

    def read(self) -> None:
        load_lexicon.__wrapped__(str(self.path))


class Lines(Text):
    """JSON lines."""

    def replaced(self, rng: random.Random) -> str:
        lines = self.text.splitlines()
        place = rng.randrange(len(lines))
        whole = rng.random() < 0.1
        plain = replace_somewhere(json.loads(lines[place]), rng)
        lines[place] = nested(rng) if whole else json.dumps(plain)
        return "\n".join(lines) + "\n" * (rng.random() < 0.9)


class Results(Lines):
    """A grid's or a reproduction's results file."""

    name = "results"
    path = Path("r.jsonl")

    def __init__(self) -> None:
        settings = vars(RunSettings.settings)
        plain = {"variant": "entnet", "fold": 0, "settings": settings, "curve": [[1.5, 0.5]]}
        done = {"test_errors": 3, "test_n": 1000, "seconds": 1.5, "epoch": 2, "notes": ["a note"]}
        tests = {"tests": ({"task": 1, "errors": 3, "n": 10}, {"task": 2, "errors": 1, "n": 10})}
        with open_ledger(self.path, "r", {"learning_rate": 0.01}) as file:
            file.begin({"started": "2026-01-01T00:00:00+00:00"})
            for seed in range(3):
                file.add(RunRecord.from_plain({**plain, **done, "task": 1, "seed": seed}, "r"))
            joint = {**plain, "task": "joint", "seed": 9, "tests": list(tests["tests"])}
            file.add(RunRecord.from_plain(joint, "r"))
            failed = {**plain, "task": 2, "seed": 9, "failure": "the roof fell in"}
            file.add(RunRecord.from_plain(failed, "r"))
        self.text = self.path.read_text()

    def read(self) -> None:
        found = read_results([self.path])
        trained_table(found.rows)
        with open_ledger(self.path, "r", {"learning_rate": 0.01}) as file:
            for row in file.rows:
                row.to_json()


class Metrics(Lines):
    """A run's metrics.jsonl."""

    name = "metrics"
    path = Path("metrics.jsonl")
    text = "".join(
        json.dumps({"epoch": n, "loss": 1.5, "validation_error": 0.5, "seconds": 0.1}) + "\n"
        for n in range(1, 5)
    )

    def read(self) -> None:
        read_metrics(self.path)
        RunFolder(path=Path()).rank(Settings(variant="entnet", task="1", restart_epochs=2))


class Conversations(Lines):
    """Conversations that chat kept; one older than the damaged one is whole."""

    name = "conversation"
    path = Path("chats/new.json")

    def __init__(self) -> None:
        (story,) = split_stories(STORY)
        Autosave(Path("chats")).keep("old", story)
        (whole,) = self.path.parent.glob("*.json")
        self.text = json.dumps(json.loads(whole.read_text()) | {"model": "new"}) + "\n"

    def read(self) -> None:
        saved = latest_conversation(self.path.parent)
        if saved is None or not saved.story:
            raise AssertionError("the older conversation is not found")


OTHERS = (Config, RunSettings, Words, Results, Metrics, Conversations)


# Trying


def memory() -> float:
    """The most memory in MB since `forget`, or 0 where the system does not say."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
    return 0.0


def forget() -> float:
    """Begin to measure anew; returns what is in use now."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return memory()


def attempt(kind: Kind) -> tuple[str, str]:
    """What reading the file comes to, such as "refused", and what is wrong with that or ""."""
    try:
        with warnings.catch_warnings(action="error"):
            kind.read()
    except RelmemError as error:
        return "refused", unclear(str(error))
    except Exception as error:
        return "raised", f"{type(error).__name__}: {error}"
    return "read", ""


def unclear(message: str) -> str:
    """What is wrong with a message; "" where nothing is."""
    if len(message) > LONGEST_MESSAGE:
        return f"its message has {len(message)} characters: {message[:200]!r}"
    if not message.isprintable():
        return f"its message has control characters: {message!r}"
    return ""


@dataclass(frozen=True)
class Came:
    """What came of reading a file, what is wrong with that or "", and what it took."""

    outcome: str
    problem: str
    seconds: float
    megabytes: float


def tried(kind: Kind) -> Came:
    """Read the file, again where it took long: beside other work the processor is slow at times."""
    came = _tried(kind)
    for _ in range(2):
        if came.seconds > SECONDS:
            came = _tried(kind)
    if not came.problem and came.seconds > SECONDS:
        return replace(came, problem=f"it took {came.seconds:.2f} s")
    if not came.problem and came.megabytes > MEGABYTES:
        return replace(came, problem=f"it took {came.megabytes:.0f} MB")
    return came


def _tried(kind: Kind) -> Came:
    gc.disable()  # going through all that torch has brought takes longer than a file
    try:
        before, started = forget(), time.process_time()
        outcome, problem = attempt(kind)
        seconds = time.process_time() - started
        return Came(outcome, problem, seconds, memory() - before)
    finally:
        gc.enable()


def case(kind: Kind, number: int, seed: int, tally: Tally) -> None:
    """Damage a file, read it, and note what came of it."""
    kind.damage(random.Random(f"{seed} {kind.name} {number}"))  # noqa: S311  # no secret
    came = tried(kind)
    tally.outcomes[came.outcome] += 1
    tally.slowest = max(tally.slowest, came.seconds)
    tally.most = max(tally.most, came.megabytes)
    if came.problem:
        tally.problems.append(f"{kind.name}:{number} {came.outcome}: {came.problem}")


def warm_up(kind: Kind) -> None:
    """Read the good files: what is imported and compiled once is no damaged one's fault."""
    for data in kind.whole:
        kind.path.write_bytes(data)
        kind.read()


def run(models: int, others: int, seed: int, only: str = "") -> dict[str, Tally]:
    """So many damaged models, and so many other files, in a folder of their own."""
    torch.set_num_threads(1)
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return {kind.name: tally for kind, tally in _run(models, others, seed, only)}
        finally:
            os.chdir(home)


def _run(models: int, others: int, seed: int, only: str) -> Iterator[tuple[Kind, Tally]]:
    share = -(-others // len(OTHERS))
    for make, count in ((Models, models), *((other, share) for other in OTHERS)):
        name, _, number = only.partition(":")
        if not count or name not in ("", make.name):
            continue
        kind, tally = make(), Tally()
        warm_up(kind)
        for each in [int(number)] if number else range(count):
            case(kind, each, seed, tally)
        yield kind, tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--others", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="KIND or KIND:NUMBER, as failures are named.")
    given = parser.parse_args(arguments)
    tallies = run(given.models, given.others, given.seed, given.only)
    for name, tally in tallies.items():
        ended = ", ".join(f"{count} {what}" for what, count in sorted(tally.outcomes.items()))
        print(
            f"{name:14} {ended}; at most {1000 * tally.slowest:.0f} ms and {tally.most:.0f} MB "
            f"more; {len(tally.problems)} failed"
        )
        for problem in tally.problems[:20]:
            print(f"  {problem}")
    return int(any(tally.problems for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
