"""Damaged texts: settings, words, results, metrics, conversations."""

import json
import random
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from relmem_cli.app import _built_in
from relmem_cli.builtin import COMMANDS
from relmem_cli.chat.story.autosave import Autosave, latest_conversation
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.config import FILE, check_section, load_config
from relmem_cli.reports.trained import trained_table
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.ledger import open_ledger, read_results
from relmem_cli.runs.metrics import read_metrics
from relmem_cli.runs.record import RunRecord
from relmem_cli.toml_text import put
from relmem_cli.training.settings import Settings
from relmem_cli.world.lexicon import load_lexicon

from .kind import DEEP, ODD, STORY, Kind, cut_up, nested, replace_somewhere


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
