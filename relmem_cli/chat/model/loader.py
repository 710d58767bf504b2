"""Getting a model ready while the user types already."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from relmem_cli.chat.model.libraries import load_libraries
from relmem_cli.chat.story.lines import MARKS, Utterance
from relmem_cli.chat.story.word_lookup import WordLookup, lexicon_of
from relmem_cli.contract import Kernels
from relmem_cli.errors import RelmemError
from relmem_cli.library import find_model, library, look_up, model_names
from relmem_cli.plugins import registry
from relmem_cli.training.cards import BEST, SUFFIX, read_card

if TYPE_CHECKING:
    from relmem_cli.chat.model.reader import Reader

Result = TypeVar("Result")


class Background(Generic[Result]):
    """Runs `work` in a thread, once started; leaving the program does not wait for it."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self.future: Future[Result] = Future()
        self._thread = Thread(target=self._run, args=[work], name="relmem-load", daemon=True)

    def start(self) -> None:
        """Start, unless it has been already."""
        if self._thread.ident is None:
            self._thread.start()

    def result(self) -> Result:
        """What the work returns or raises, when it is done."""
        self.start()
        return self.future.result()

    def _run(self, work: Callable[[], Result]) -> None:
        try:
            self.future.set_result(work())
        except BaseException as error:
            self.future.set_exception(error)


@dataclass(frozen=True, kw_only=True)
class Models:
    """The model that chat begins with, and a way to others.

    name     of the first model
    lexicon  its words, known before it is loaded
    first    the model itself
    open     another model by name; raises RelmemError where there is none
    """

    name: str
    lexicon: WordLookup
    first: "Background[Reader]"
    open: "Callable[[str], Reader]"


def find_models(name: str, device: str) -> Models:
    """A model that is there, to be loaded.

    Raises what `look_up` raises; other faults come when it is loaded.
    """
    found = look_up(name, device)
    return Models(
        name=display_name(name),
        lexicon=lexicon_of(found.card),
        first=Background(lambda: _open_first(found.path, name, device)),
        open=lambda other: open_reader(other, device, Kernels.reference),
    )


def models_for(story: Iterable[Utterance]) -> list[str]:
    """The names of the models that can read a story; those that know least besides first.

    Those come first that know each of its words, then those that read unknown names as known ones.
    Their cards are read, not they themselves.
    """
    story = list(story)
    words = {token for said in story for token in said.tokens} - {*MARKS}
    found = []
    for model in library():
        with suppress(RelmemError):  # a file that is no model is told of by `relmem models`
            card = read_card(model.path)
            lexicon = lexicon_of(card)
            known = not lexicon.closed or not card.vocabulary.unknown(sorted(words))
            if known or lexicon.can_stand_in(story):
                found.append((not known, len(card.vocabulary), model.name))
    return [name for *_, name in sorted(found)]


def open_reader(name: str, device: str, kernels: Kernels = Kernels.auto) -> "Reader":
    """The model of that name or path on a device, ready to read; this imports torch.

    Kernels, which take half a minute to compile once, pay for many questions; for those of one
    person `Kernels.reference` answers as promptly. Raises RelmemError where there is no such model
    or device.
    """
    return _open(look_up(name, device).path, name, device, kernels)


def _open(path: Path, name: str, device: str, kernels: Kernels) -> "Reader":
    """The same of a file that was looked up."""
    from relmem_cli.training.arithmetic import use_threads  # noqa: PLC0415  # torch

    use_threads(1)  # a sentence is too small for more
    return load_reader(path, name, device, kernels)


def load_reader(path: Path, name: str, device: str, kernels: Kernels = Kernels.auto) -> "Reader":
    """The same, and torch keeps as many threads as it has: it may be others' torch, too."""
    # What takes seconds: neither the prompt nor a refusal may wait for it.
    from relmem_cli.chat.model.reader import Reader  # noqa: PLC0415
    from relmem_cli.training.checkpoints import load_model  # noqa: PLC0415
    from relmem_cli.training.device import pick_device  # noqa: PLC0415

    trained = load_model(path, registry().variants, pick_device(device), kernels)
    reader = Reader(trained, name=display_name(name), source=lasting_name(name))
    reader.stand_ins = lexicon_of(trained.card).closed
    return reader


def _open_first(path: Path, name: str, device: str) -> "Reader":
    """The same, in the background of a prompt."""
    load_libraries()
    reader = _open(path, name, device, Kernels.reference)
    reader.warm_up()
    return reader


def lasting_name(name: str) -> str:
    """What finds a model from any folder: its name in the library, else where its file lies."""
    return name if name in model_names() else str(find_model(name).absolute())


def display_name(name: str) -> str:
    """A model's name; of a path, the file's or its run's."""
    path = Path(name)
    if path.suffix != SUFFIX:
        return name
    return path.parent.name if path.name == BEST else path.stem
