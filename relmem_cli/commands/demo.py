"""`relmem demo`: guided tours, each of which ends in a chat."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relmem_cli.chat.view.theme import Theme
from relmem_cli.commands.shared.choosing import DeviceOption
from relmem_cli.commands.shared.waiting import waiting
from relmem_cli.errors import UsageError

if TYPE_CHECKING:
    from relmem_cli.chat.tour.guide import Guide, TourStep
    from relmem_cli.commands.shared.talk import TalkOptions

app = typer.Typer(add_completion=False)


class Tour(StrEnum):
    """What there is to be shown."""

    chat = "chat"
    memory = "memory"
    train = "train"
    plugin = "plugin"


@app.command()
def demo(
    context: typer.Context,
    tour: Annotated[
        Tour,
        typer.Argument(
            metavar="[TOUR]",
            help="chat: what the default model does; memory: slots, gates and relations; train: a "
            "small model learns; plugin: a variant of one's own is written and tried.",
        ),
    ] = Tour.chat,
    fast: Annotated[bool, typer.Option("--fast", help="Wait for nothing.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where train and plugin keep what they make; by default nothing is kept.",
        ),
    ] = None,
    device: DeviceOption = "auto",
    theme: Annotated[
        Theme | None, typer.Option(help="auto, dark, light or plain; by default that of chat.")
    ] = None,
) -> None:
    """See in two minutes what a memory network does, then talk to it.

    Lines are typed for you and answered by real models. Enter goes on; q or Ctrl-C leaves.
    Without a terminal the tour is printed.

    Examples:

      relmem demo

      relmem demo memory --fast --theme light

      relmem demo train

      relmem demo plugin --out my-memory
    """
    from relmem_cli.chat.tour import conversations
    from relmem_cli.chat.tour.guide import PACE, Guide, wait_for_key
    from relmem_cli.chat.view.preferences import Preferences
    from relmem_cli.chat.view.theme import styled_console
    from relmem_cli.commands.shared.setting_keys import setting
    from relmem_cli.commands.shared.talk import TalkOptions, at_terminal, open_terminal
    from relmem_cli.library import DEFAULT_MODEL

    theme = theme or Theme(setting(context.find_root(), "chat", "theme"))
    slow = at_terminal() and not fast
    guide = Guide(
        styled_console(theme), go_on=wait_for_key if slow else None, pace=PACE if slow else 0.0
    )
    options = TalkOptions(preferences=Preferences(theme=theme), root=context.find_root())
    if at_terminal():
        open_terminal()
    if tour in (Tour.train, Tour.plugin):
        _make(tour, guide, out, device, options)
        return
    if out is not None:
        raise UsageError(f"the tour {tour.value} makes nothing to keep; leave --out away.")
    name, steps = {
        Tour.chat: (DEFAULT_MODEL, conversations.CHAT),
        Tour.memory: (conversations.SLOTS_MODEL, conversations.MEMORY),
    }[tour]
    _converse(guide, steps, name, device, options)


def _make(
    tour: Tour, guide: "Guide", out: Path | None, device: str, options: "TalkOptions"
) -> None:
    """A tour that writes files first: a model, or a plugin and its model."""
    from dataclasses import replace

    from relmem_cli.chat.tour import plugin, training
    from relmem_cli.chat.tour.guide import LeftError
    from relmem_cli.chat.view.theme import resolve_theme
    from relmem_cli.commands.shared.grids import end_on_signals
    from relmem_cli.training.device_names import check_device

    check_device(device)
    end_on_signals()
    options = replace(options, record=out is not None)
    name = "my-first-model" if tour is Tour.train else "my-plugin"
    with _folder(out, name) as folder:
        try:
            if tour is Tour.train:
                steps = training.tour(guide, folder, device, kept=out is not None)
                _converse(guide, steps, _model(folder), device, options)
                return
            with plugin.importable(folder):
                light = resolve_theme(options.preferences.theme) is Theme.light
                steps = plugin.tour(guide, folder, device, kept=out is not None, light=light)
                _converse(guide, steps, _model(folder / plugin.TRAINED), device, options)
        except (LeftError, KeyboardInterrupt, EOFError):
            guide.console.print()


def _model(folder: Path) -> str:
    """The file of a trained model, which is shown by the name of its folder."""
    from relmem_cli.training.cards import BEST

    return str(folder / BEST)


@contextmanager
def _folder(out: Path | None, name: str) -> Iterator[Path]:
    """Where to write: what --out names, or a folder of that name that is gone afterwards.

    Raises UsageError where something is there already.
    """
    from tempfile import TemporaryDirectory

    from relmem_cli.files import check_writable

    if out is None:
        folder = TemporaryDirectory(prefix="relmem-demo-", ignore_cleanup_errors=True)
        try:
            yield Path(folder.name) / name
        finally:
            with _unstopped():
                folder.cleanup()
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already; name a folder that is new or empty.")
    check_writable(out)
    yield out


@contextmanager
def _unstopped() -> Iterator[None]:
    """While no signal ends this process: a terminal that is closed sends two."""
    import signal

    numbers = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers if number}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _converse(
    guide: "Guide", steps: "Sequence[TourStep]", name: str, device: str, options: "TalkOptions"
) -> None:
    """The steps with a model; at a terminal a chat follows."""
    from dataclasses import replace

    from relmem_cli.chat.tour.guide import finished
    from relmem_cli.commands.shared.talk import at_terminal, talk

    if at_terminal():
        first = lambda repl, _: finished(guide.console, lambda: guide.talk(repl, steps))  # noqa: E731
        talk(name, device, replace(options, first=first))
        return
    from relmem_cli.chat.commands import slash_commands
    from relmem_cli.chat.model.loader import find_models
    from relmem_cli.chat.repl import Repl

    models = find_models(name, device)
    with waiting("loading the model"):
        models.first.result()
    repl = Repl(models=models, commands=slash_commands(), console=guide.console)
    finished(guide.console, lambda: guide.talk(repl, steps))
