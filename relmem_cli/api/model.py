"""Trained models, as Python has them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relmem_cli.api.calling import told_in_python
from relmem_cli.api.evaluation import Evaluation, evaluate
from relmem_cli.api.story import Story
from relmem_cli.chat.model.loader import load_reader
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.words import typeable_words
from relmem_cli.library import DEFAULT_MODEL, look_up, model_names
from relmem_cli.plugins import registry
from relmem_cli.reports.subject import Subject

if TYPE_CHECKING:
    from torch.nn import Module

    from relmem_cli.chat.model.reader import Reader

_EVERY_ANSWER = 1 << 20


def list_models() -> list[str]:
    """The names that `load` knows: the models that ship, then those that the user trained."""
    return model_names()


def load(model: str | os.PathLike[str] = DEFAULT_MODEL, *, device: str = "auto") -> "Model":
    """A trained model, by its name (`list_models`), its file, or the folder of its run.

    device  "auto", "cpu", "cuda" or "mps"

    Raises RelmemError, one sentence, where there is no such model or device.
    """
    with told_in_python():
        name = os.fspath(model)
        found = look_up(name, device)
        return Model(load_reader(found.path, name, device), found.path)


class Model:
    """A trained model. It remembers nothing itself: a story is told to a `Story`.

    name     as it was asked for
    variant  the memory network that it is, such as "entnet"
    path     its file
    module   the torch module itself, in evaluation mode
    """

    def __init__(self, reader: "Reader", path: Path) -> None:
        reader.best = _EVERY_ANSWER
        self._reader = reader
        self.name, self.variant, self.path = reader.name, reader.card.variant, path
        self.module: Module = reader.trained.model

    @property
    def options(self) -> dict[str, Any]:
        """Its variant's options, such as {"slots": 20, "dim": 100}."""
        return dict(self._reader.card.options)

    @property
    def record(self) -> dict[str, Any]:
        """How it was trained, as its file tells: settings, seed, errors and more."""
        return dict(self._reader.card.record)

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return self._reader.parameters

    @property
    def device(self) -> str:
        """Where it runs: "cpu", "cuda" or "mps"."""
        return self._reader.device

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The words that it knows; where `any_words`, it reads others too."""
        return tuple(typeable_words(self._reader.vocabulary))

    @property
    def any_words(self) -> bool:
        """Whether names, places and things may be any words."""
        return self._reader.open_words or bool(self._reader.card.sizes.extra)

    def story(self, text: str = "") -> Story:
        """A new story that begins with these sentences; raises what `Story.tell` raises."""
        return Story(Session(self._reader)).tell(text)

    def evaluate(self, data: str | os.PathLike[str] = "", task: int | str = "") -> Evaluation:
        """The model's errors on test stories; by default on those of what it was trained on.

        data  a bAbI set ("en", "hn", ...), "world", "world:mixture,questions=100", or a folder
        task  a number, "1-20", or a name that the data has

        Raises RelmemError where there are none.
        """
        variant = registry().variants[self.variant]
        subject = Subject(
            name=self.name,
            card=self._reader.card,
            load=lambda: self._reader.trained,
            usual=variant.defaults(),
            tokens=variant.own_tokens,
        )
        return evaluate(subject, os.fspath(data), str(task))

    def __repr__(self) -> str:
        size = f"{self.parameters:,} parameters"
        return f"<Model {self.name!r}: {self.variant}, {size}, on {self.device}>"
