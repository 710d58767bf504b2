"""What a slash command is, and what it may use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.console import RenderableType

from relmem_cli.chat.story.conversations import Conversation, Conversations
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.model_input import Loaded
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.view.preferences import Preferences
from relmem_cli.chat.view.render import Picture
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line


class Chat(Protocol):
    """What a slash command may use."""

    @property
    def picture(self) -> Picture | None:
        """The last one drawn, which /export writes."""
        ...

    def draw(self, view: RenderableType) -> RenderableType:
        """The view itself, kept as the picture that /export writes."""
        ...

    @property
    def session(self) -> Session:
        """The conversation; waits for the model while it loads."""
        ...

    @property
    def conversation(self) -> Conversation:
        """The present one; waits for the model while it loads."""
        ...

    @property
    def conversations(self) -> Conversations:
        """Those that are open or kept, this one among them."""
        ...

    @property
    def commands(self) -> "Mapping[str, SlashCommand]":
        """All slash commands by name."""
        ...

    @property
    def unicode(self) -> bool:
        """Whether the terminal shows more than ASCII."""
        ...

    @property
    def preferences(self) -> Preferences:
        """What people choose for themselves; what is changed here holds from the next line on."""
        ...

    def recolour(self) -> None:
        """Take over the colours of the preferences."""
        ...

    def save_setting(self, name: str, value: str) -> list[str]:
        """Have an option of chat's for good; returns sentences that say so.

        Raises RelmemError where it cannot be written.
        """
        ...

    def model_names(self) -> list[str]:
        """The models that there are."""
        ...

    def open_model(self, name: str) -> Loaded:
        """Another model; raises RelmemError where there is none of that name."""
        ...

    def models_for(self, story: Sequence[Utterance]) -> list[str]:
        """The names of the models that know every word of a story."""
        ...

    def task_model(self, task: int) -> str:
        """The name of the model of a bAbI task."""
        ...

    def test_stories(self, task: int) -> list[list[Utterance]]:
        """The stories of a task's test file; raises RelmemError where bAbI is not there."""
        ...

    def mark(self, right: bool) -> str:
        """A mark for what is right or wrong that the terminal can show."""
        ...

    def expect(self, question: RenderableType, answered: Callable[[str], RenderableType]) -> None:
        """Give the next line that answers to `answered`, and show what it returns.

        A command does not, nor does a question: that shows the one asked again, as a question mark
        alone does. A change of the story calls it off.
        """
        ...

    def copy(self, text: str) -> None:
        """Send a text to the terminal's clipboard; raises RelmemError where it has none."""
        ...

    def write_lines(self) -> bool:
        """Have lines written in an editor, to be taken next; returns whether there are any.

        It begins with what was refused last. Raises RelmemError where there is no editor.
        """
        ...

    def type(self, text: str) -> None:
        """Have the next prompt begin with this text."""
        ...

    def watch(self, scenes: Scenes) -> None:
        """Show the scenes of the session on a full screen, until that is left.

        Raises RelmemError where there is no terminal that can show one.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """A command: `run(chat, argument)` does it and returns what to show.

    argument     what it takes, as /help writes it; "" for nothing, None for what is not said
    completes    what Tab offers for it: "model", "models", "file", "map", "sentence" (its number),
                 "task", "conversation", "setting", "copy" or ""
    needs_model  whether it waits for the model to be loaded
    """

    name: str
    summary: str
    run: Callable[[Chat, str], RenderableType | None]
    argument: str | None = ""
    completes: str = ""
    needs_model: bool = True

    @property
    def usage(self) -> str:
        """How it is typed: "/undo [N]"."""
        return f"/{self.name} {self.argument or ''}".strip()

    def __call__(self, chat: Chat, argument: str) -> RenderableType | None:
        """Do it; raises RelmemError for an argument that it does not take, and as `run` does."""
        if argument and self.argument == "":
            raise RelmemError(
                f"/{self.name} stands alone; {brief_line(argument, 40)!r} is too much."
            )
        return self.run(chat, argument)


def parse_number(text: str, *, default: int | None = None) -> int:
    """A number from 1 that was typed; raises RelmemError for anything else.

    Nothing at all is the default, where there is one.
    """
    if not text and default is not None:
        return default
    if not (text.isdecimal() and len(text) < 10 and int(text)):
        shown = repr(brief_line(text, 20)) if text else "nothing"
        raise RelmemError(f"a number from 1 is needed here, not {shown}.")
    return int(text)
