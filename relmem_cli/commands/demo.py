"""`relmem demo`: a guided tour that ends in a chat."""

from typing import Annotated

import typer

from relmem_cli.chat.view.theme import Theme
from relmem_cli.commands.shared.choosing import DeviceOption
from relmem_cli.commands.shared.waiting import waiting

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    context: typer.Context,
    fast: Annotated[bool, typer.Option("--fast", help="Wait for nothing.")] = False,
    device: DeviceOption = "auto",
    theme: Annotated[
        Theme | None, typer.Option(help="auto, dark, light or plain; by default that of chat.")
    ] = None,
) -> None:
    """See in two minutes what a memory network does, then talk to it.

    Lines are typed for you and answered by models that ship with relmem. Enter goes on; q or
    Ctrl-C leaves. Without a terminal the tour is printed.

    Examples:

      relmem demo

      relmem demo --fast --theme light
    """
    from relmem_cli.chat import tour
    from relmem_cli.chat.view.preferences import Preferences
    from relmem_cli.commands.shared.setting_keys import setting
    from relmem_cli.commands.shared.talk import TalkOptions, at_terminal, talk

    theme = theme or Theme(setting(context.find_root(), "chat", "theme"))
    if not at_terminal():
        _print(tour.FIRST_MODEL, device, theme)
        return
    go_on, pace = (None, 0.0) if fast else (tour.wait_for_key, tour.PACE)
    options = TalkOptions(
        preferences=Preferences(theme=theme),
        root=context.find_root(),
        first=lambda repl, console: tour.guide(repl, console, go_on=go_on, pace=pace),
    )
    talk(tour.FIRST_MODEL, device, options)


def _print(name: str, device: str, theme: Theme) -> None:
    from relmem_cli.chat.commands import slash_commands
    from relmem_cli.chat.model.loader import find_models
    from relmem_cli.chat.repl import Repl
    from relmem_cli.chat.tour import guide
    from relmem_cli.chat.view.theme import styled_console

    console = styled_console(theme)
    models = find_models(name, device)
    with waiting("loading the model"):
        models.first.result()
    guide(Repl(models=models, commands=slash_commands(), console=console), console)
