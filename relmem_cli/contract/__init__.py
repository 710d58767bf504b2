"""What a plugin hands over; light: nothing here imports torch.

`relmem_cli.contract.model` holds what a variant's module builds on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from relmem_cli.contract.chat import ChatSession
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import brief
from relmem_cli.sealing import named, off_stdout, sealed, text_of
from relmem_cli.stories.sources import Source
from relmem_cli.stories.vocabulary import Sizes
from relmem_cli.world.kind import Kind

if TYPE_CHECKING:
    from relmem_cli.contract.model import StoryModel

__all__ = [
    "VERSION",
    "ChatCommand",
    "ChatPanel",
    "ChatSession",
    "Command",
    "Kernels",
    "Kind",
    "Recipe",
    "Source",
    "TrainingEvent",
    "Variant",
    "load_object",
]


VERSION = 2
"""Of the contract; docs/plugins.md says what changed and what lasts."""


class Kernels(StrEnum):
    """What a model's `forward` may use.

    auto       the fastest code that the variant has for the device
    reference  the equations as they are written in `read`
    """

    auto = "auto"
    reference = "reference"


def load_object(location: str) -> Any:
    """The object that "module:name" names; what is printed meanwhile goes to stderr.

    Raises RelmemError when the module does not import or has no such name.
    """
    module, _, name = location.partition(":")
    try:
        with sealed(), off_stdout():
            return getattr(import_module(module), name)
    except Exception as error:
        raise RelmemError(f"{location} cannot be loaded: {named(error)}") from error


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A memory network that relmem can build, train and talk to.

    name       what people type, lower case with hyphens
    summary    one line
    reference  the equations or the paper that it implements
    options    a frozen dataclass whose fields all have defaults of type int, float, bool or str
    model      "module:Class" of a `StoryModel`, imported when first used
    training   settings that it is trained with where neither the user nor a recipe says otherwise
    open       whether its model takes words outside the vocabulary, `sizes.extra` of them a story
    any_number  whether it takes more of them too: then ids may lie beyond `sizes.ids`, and there
               are as many logits as the highest needs
    tokenizer  "module:function" from text to tokens where it has its own; the text is lower-case
               words with blanks between, "." and "?" apart
    plugin     the distribution that offers it; relmem sets it where that is another than its own
    """

    name: str
    summary: str
    reference: str
    options: type[Any]
    model: str
    training: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False
    any_number: bool = False
    tokenizer: str = ""
    plugin: str = ""

    @property
    def own_tokens(self) -> Callable[[Sequence[str]], tuple[str, ...]] | None:
        """From a sentence's or a question's words to the tokens that the model reads.

        None where those are the words. Raises RelmemError where the tokenizer cannot be loaded.
        """
        if not self.tokenizer:
            return None
        tokenize = self._load(self.tokenizer)

        @sealed()
        def read(words: Sequence[str]) -> tuple[str, ...]:
            return tuple(tokenize(" ".join(words)))

        return read

    def defaults(self) -> dict[str, Any]:
        """Each option's default value, by name."""
        return {field.name: getattr(self.options(), field.name) for field in fields(self.options)}

    def parse_options(self, values: dict[str, Any]) -> Any:
        """The options dataclass with `values` put in.

        Raises UsageError for an unknown name, a value of another type, or one it refuses.
        """
        defaults = self.defaults()
        for name, value in values.items():
            if name not in defaults:
                hint = did_you_mean(name, defaults, f"it has {', '.join(sorted(defaults))}.")
                raise UsageError(f"{self.name} has no option {brief(name)}; {hint}")
            if type(value) is not type(defaults[name]):
                wanted = type(defaults[name]).__name__
                raise UsageError(
                    f"{self.name}'s option {name} is {brief(value)}; it must be {wanted}."
                )
        try:
            return self.options(**values)
        except ValueError as error:
            raise UsageError(f"{self.name}: {text_of(error)}") from error

    @sealed()
    @off_stdout()
    def build(self, sizes: Sizes, options: dict[str, Any] | None = None) -> "StoryModel[Any]":
        """A freshly initialised model of this variant on torch's current default device."""
        parsed = self.parse_options(options or {})
        model: StoryModel[Any] = self._load(self.model)(sizes=sizes, options=parsed)
        return model

    def _load(self, location: str) -> Any:
        """What is there; raises RelmemError that names the variant and its plugin."""
        try:
            return load_object(location)
        except RelmemError as error:
            of = f" of plugin {self.plugin}" if self.plugin else ""
            raise RelmemError(f"variant {self.name}{of}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One way to train, whatever the task: `relmem reproduce --recipe NAME`.

    variants   what it trains where no other is asked for
    settings   training settings that are not at their default
    restarts   how many seeds a run tries; validation picks one
    options    values by name of option, for the variants that have it
    published  test errors in percent by variant and by task, to be shown beside ours
    """

    name: str
    summary: str
    variants: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    restarts: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def quick(self) -> "Recipe":
        """The same with one restart, under a name of its own, so that results are kept apart."""
        return replace(self, name=f"{self.name}-quick", restarts=1)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A subcommand of `relmem`: `load` is "module:object" of a Typer app or a function."""

    name: str
    summary: str
    load: str


@dataclass(frozen=True, kw_only=True)
class ChatCommand:
    """A slash command in chat: `run(session, argument)` returns the text to show."""

    name: str
    summary: str
    run: Callable[[ChatSession, str], str]


@dataclass(frozen=True, kw_only=True)
class ChatPanel:
    """Text that chat shows by itself: `show(session)` returns it, "" where there is none to show.

    after  "answer": shown after each answer; "sentence": after each sentence
    """

    name: str
    summary: str
    show: Callable[[ChatSession], str]
    after: Literal["answer", "sentence"] = "answer"

    def __post_init__(self) -> None:
        if self.after not in ("answer", "sentence"):
            raise ValueError(f"after is {self.after!r}; it must be 'answer' or 'sentence'")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEvent:
    """What training tells plugins: one finished epoch of one run.

    `loss` is the mean per question, by default the cross-entropy in nats, and `parts` those that
    the variant names of it; `validation_error` is a fraction.
    """

    run: str
    variant: str
    epoch: int
    loss: float
    validation_error: float
    parts: Mapping[str, float] = field(default_factory=dict)
