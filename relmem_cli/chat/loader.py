"""Getting a model ready while the user types already."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from relmem_cli.library import BEST, SUFFIX, find_model
from relmem_cli.plugins import registry
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.training.cards import read_card

if TYPE_CHECKING:
    from relmem_cli.chat.reader import Reader

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Models:
    """The model that chat begins with, and a way to others.

    name        of the first model
    vocabulary  its words, known before it is loaded
    first       the model, when it is loaded
    open        another model by name; raises RelmemError where there is none
    """

    name: str
    vocabulary: Vocabulary
    first: "Future[Reader]"
    open: "Callable[[str], Reader]"


def load_models(name: str, device: str) -> Models:
    """Start to load a model in a thread.

    Raises RelmemError at once where there is no such model; other faults come with `first`.
    """
    vocabulary = read_card(find_model(name)).vocabulary
    return Models(
        name=display_name(name),
        vocabulary=vocabulary,
        first=in_thread(lambda: open_reader(name, device)),
        open=lambda other: open_reader(other, device),
    )


def open_reader(name: str, device: str) -> "Reader":
    """The model of that name or path on a device, ready to read; this imports torch.

    Raises RelmemError where there is no such model or device.
    """
    import torch  # noqa: PLC0415  # takes a second: the prompt must not wait for it

    from relmem_cli.chat.reader import Reader  # noqa: PLC0415
    from relmem_cli.training.checkpoints import load_model  # noqa: PLC0415
    from relmem_cli.training.device import pick_device  # noqa: PLC0415

    torch.set_num_threads(1)  # a sentence is too small for more
    trained = load_model(find_model(name), registry().variants, pick_device(device))
    return Reader(trained, name=display_name(name))


def display_name(name: str) -> str:
    """A model's name; of a path, the file's or its run's."""
    path = Path(name)
    if path.suffix != SUFFIX:
        return name
    return path.parent.name if path.name == BEST else path.stem


def in_thread(load: Callable[[], Result]) -> Future[Result]:
    """What `load` returns or raises, when it does; leaving the program does not wait for it."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(load())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="relmem-load", daemon=True).start()
    return future
