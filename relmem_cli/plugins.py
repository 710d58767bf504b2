"""Finding plugins, isolating their faults, listing what they add.

pluggy isolates nothing, so entry points are loaded one by one and every implementation of a hook
is called on its own, sealed; a broken plugin costs one line on stderr and never another command.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from itertools import chain
from typing import Any, Protocol, TypeVar

import pluggy

from relmem_cli import hookspecs
from relmem_cli.builtin import CHAT_COMMANDS, COMMANDS
from relmem_cli.builtin_recipes import RECIPES
from relmem_cli.contract import (
    VERSION,
    ChatCommand,
    ChatPanel,
    Command,
    Kind,
    Recipe,
    Source,
    TrainingEvent,
    Variant,
)
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import brief_line
from relmem_cli.plugin_checks import check_hooks, check_offer
from relmem_cli.sealing import named, off_stdout, sealed, text_of
from relmem_cli.stories.catalogue import TASKS
from relmem_cli.stories.sources import SETS

GROUP = "relmem"
OWN = "relmem"
"""The distribution that relmem itself is."""

KINDS = (*map(str, TASKS), "mixture")
"""The kinds of story that relmem has."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Offer = TypeVar("Offer", bound=_Named)


@dataclass(kw_only=True)
class Plugin:
    """One entry point: where it comes from, what it adds by kind, its faults (none if it works)."""

    name: str
    distribution: str
    version: str
    location: str
    adds: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What it adds, such as "variants: entnet, multi-hop"."""
        several = (
            f"{kind}{'s' * (len(names) > 1)}: {', '.join(names)}"
            for kind, names in self.adds.items()
        )
        return "; ".join(several) or "nothing"

    def is_own(self, name: str) -> bool:
        """Whether it is relmem's own entry point of that name."""
        return self.distribution == OWN and self.name == name

    @property
    def status(self) -> str:
        """The faults, or "ok"."""
        return "; ".join(self.faults) or "ok"


class Offers(Mapping[str, Offer]):
    """What plugins add of one kind, by name; a name that two plugins claim cannot be used.

    What is relmem's own keeps its name, be it `reserved` or what relmem's entry points added.
    """

    def __init__(self, kind: str, *, reserved: Collection[str] = ()) -> None:
        self.kind = kind
        self._reserved = reserved
        self._found: dict[str, list[tuple[Offer, Plugin]]] = {}

    def add(self, offer: Offer, plugin: Plugin) -> None:
        """Register what a plugin offers; raises UsageError for a name that is relmem's own."""
        if offer.name.lower() in self._reserved or self._is_own(offer.name, plugin):
            raise UsageError(f"{self.kind} {offer.name!r} is relmem's own; choose another name")
        self._found.setdefault(offer.name, []).append((offer, plugin))
        plugin.adds.setdefault(self.kind, []).append(offer.name)

    def conflicts(self) -> Iterator[tuple[str, list[Plugin]]]:
        """Each name that several plugins claim, as a sentence, with those plugins."""
        for name, claims in self._found.items():
            if len(claims) > 1:
                yield self._conflict(name), [plugin for _, plugin in claims]

    def __getitem__(self, name: str) -> Offer:
        claims = self._found[name]
        if len(claims) > 1:
            raise UsageError(f"{self._conflict(name)}; uninstall one of them.")
        ((offer, _),) = claims
        return offer

    def __iter__(self) -> Iterator[str]:
        return (name for name, claims in self._found.items() if len(claims) == 1)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def get_or_explain(self, name: str) -> Offer:
        """The offer of that name; UsageError with the names like it, or those that there are."""
        if name not in self:
            known = ", ".join(sorted(self)) or "none"
            hint = did_you_mean(name, self, f"there are: {known};")
            where = "relmem plugins says what was loaded."
            raise UsageError(f"there is no {self.kind} {name!r}; {hint} {where}")
        return self[name]

    def origin(self, name: str) -> Plugin:
        """The plugin that offers it; of several that claim the name, the first."""
        (_, plugin), *_ = self._found[name]
        return plugin

    def _is_own(self, name: str, plugin: Plugin) -> bool:
        """Whether another plugin than relmem claims what relmem's entry points added before."""
        owners = {owner.distribution for _, owner in self._found.get(name, ())}
        return OWN in owners and plugin.distribution != OWN

    def _conflict(self, name: str) -> str:
        owners = " and ".join(plugin.distribution for _, plugin in self._found[name])
        return f"{self.kind} {name!r} is claimed by {owners}"


@dataclass(kw_only=True)
class Registry:
    """Everything that the installed plugins add."""

    plugins: list[Plugin]
    variants: Offers[Variant]
    recipes: Offers[Recipe]
    commands: Offers[Command]
    sources: Offers[Source]
    kinds: Offers[Kind]
    chat_commands: Offers[ChatCommand]
    chat_panels: Offers[ChatPanel]
    listeners: list[tuple[Plugin, Callable[[TrainingEvent], object]]]

    def training_event(self, event: TrainingEvent) -> None:
        """Tell every plugin that listens; one that raises is not called again."""
        for listener in list(self.listeners):
            plugin, function = listener
            try:
                with sealed():
                    function(event)
            except Exception as error:
                self.listeners.remove(listener)
                _fault(plugin, "relmem_training_event", error)


@cache
def registry() -> Registry:
    """The installed plugins, loaded once; each fault is one line on stderr."""
    return load(_installed())


def load_also(point: EntryPoint) -> Plugin:
    """Add a plugin that is not installed to those of this process; returns it with its faults."""
    plugin = _describe(point)
    with off_stdout():
        _add(registry(), plugin, point)
    return plugin


def _installed() -> list[EntryPoint]:
    """The entry points of all distributions, but for those that cannot be read: a line each."""
    try:
        return [*entry_points(group=GROUP)]
    except Exception:  # of any distribution, whether it is a plugin or not
        return [*chain.from_iterable(map(_points_of, distributions()))]


def _points_of(distribution: Distribution) -> list[EntryPoint]:
    try:
        return [*distribution.entry_points.select(group=GROUP)]
    except Exception as error:
        who = _told(distribution, "name") or "a distribution"
        sys.stderr.write(f"relmem: {who}: its entry points cannot be read: {named(error)}\n")
        return []


def load(points: Iterable[EntryPoint]) -> Registry:
    """The registry of some entry points; what they print meanwhile goes to stderr.

    With RELMEM_STRICT_PLUGINS=1 the first fault is raised instead of noted.
    """
    found = Registry(
        plugins=[],
        variants=Offers("variant"),
        recipes=Offers("recipe", reserved=RECIPES),
        commands=Offers("command", reserved=COMMANDS),
        sources=Offers("source", reserved=SETS),
        kinds=Offers("kind", reserved=KINDS),
        chat_commands=Offers("chat command", reserved=CHAT_COMMANDS),
        chat_panels=Offers("chat panel"),
        listeners=[],
    )
    described = sorted(((_describe(point), point) for point in points), key=_own_first)
    with off_stdout():
        for plugin, point in described:
            _add(found, plugin, point)
    found.plugins.sort(key=lambda plugin: plugin.name)
    _note_conflicts(found)
    return found


def _own_first(described: tuple[Plugin, EntryPoint]) -> tuple[bool, str]:
    """What relmem offers by itself is there before anybody can claim its names."""
    plugin, _ = described
    return plugin.distribution != OWN, plugin.name


def _add(found: Registry, plugin: Plugin, point: EntryPoint) -> None:
    found.plugins.append(plugin)
    try:
        with sealed():
            manager = _register(point)
    except Exception as error:
        _fault(plugin, "loading", error)
        return
    for hook, kind, offers in (
        ("relmem_variants", Variant, found.variants),
        ("relmem_recipes", Recipe, found.recipes),
        ("relmem_commands", Command, found.commands),
        ("relmem_sources", object, found.sources),
        ("relmem_kinds", Kind, found.kinds),
        ("relmem_chat_commands", ChatCommand, found.chat_commands),
        ("relmem_chat_panels", ChatPanel, found.chat_panels),
    ):
        _collect(manager, plugin, hook, kind, offers)
    for implementation in manager.hook.relmem_training_event.get_hookimpls():
        plugin.adds.setdefault("listener", []).append("training events")
        found.listeners.append((plugin, _listener(implementation)))


def _describe(point: EntryPoint) -> Plugin:
    return Plugin(
        name=point.name,
        distribution=_told(point.dist, "name") or point.name,
        version=_told(point.dist, "version") or "unknown",
        location=point.value,
    )


def _told(distribution: Distribution | None, what: str) -> str:
    """Its name or version, "" where it does not say it."""
    try:
        return str(getattr(distribution, what, None) or "")
    except Exception:  # its metadata are not there, or no text
        return ""


def _register(point: EntryPoint) -> pluggy.PluginManager:
    """A manager that knows this plugin alone; raises where it breaks the contract."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    loaded = point.load()
    wanted = getattr(loaded, "relmem_contract", VERSION)
    if wanted > VERSION:
        raise ValueError(f"it needs contract {wanted}, this relmem has {VERSION}; update relmem")
    manager.register(loaded, point.name)
    check_hooks(loaded, manager, point.value)
    return manager


def _listener(implementation: pluggy.HookImpl) -> Callable[[TrainingEvent], object]:
    """The hook as a function of the event, which an implementation may leave out."""
    if "event" in implementation.argnames:
        return lambda event: implementation.function(event=event)
    return lambda _: implementation.function()


def _collect(
    manager: pluggy.PluginManager, plugin: Plugin, hook: str, kind: type, offers: Offers[Any]
) -> None:
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        try:
            with sealed():
                offered = [_owned(offer, plugin) for offer in _offered(implementation, kind)]
        except Exception as error:
            _fault(plugin, hook, error)
            continue
        for offer in offered:
            try:
                offers.add(offer, plugin)
            except UsageError as error:  # the others are as good as before
                _fault(plugin, hook, error)


def _offered(implementation: pluggy.HookImpl, kind: type) -> list[Any]:
    """What a hook returns; raises what is wrong with it."""
    offered = implementation.function()
    if not isinstance(offered, list | tuple) or not all(_is(kind, offer) for offer in offered):
        wanted = "objects with a name" if kind is object else kind.__name__
        raise TypeError(f"returned {brief_line(repr(offered), 60)}; expected a list of {wanted}")
    for offer in offered:
        check_offer(offer)
    return [*offered]


def _owned(offer: Any, plugin: Plugin) -> Any:
    """The offer; a variant of another plugin than relmem's own knows whose it is."""
    theirs = isinstance(offer, Variant) and plugin.distribution != OWN
    return replace(offer, plugin=plugin.distribution) if theirs else offer


def _note_conflicts(found: Registry) -> None:
    kinds: tuple[Offers[Any], ...] = (
        found.variants, found.recipes, found.commands, found.sources, found.kinds,
        found.chat_commands,
        found.chat_panels,
    )  # fmt: skip
    for offers in kinds:
        for conflict, owners in offers.conflicts():
            sys.stderr.write(f"relmem: {conflict}; it cannot be used until one is uninstalled\n")
            for owner in owners:
                owner.faults.append(conflict)


def _is(kind: type, offer: object) -> bool:
    return isinstance(offer, kind) and isinstance(getattr(offer, "name", None), str)


def _fault(plugin: Plugin, where: str, error: BaseException) -> None:
    what = text_of(error) if isinstance(error, RelmemError) else named(error)
    fault = " ".join(f"{where}: {what}".split())
    if os.environ.get("RELMEM_STRICT_PLUGINS") == "1":
        raise RelmemError(f"plugin {plugin.distribution}: {fault}") from error
    plugin.faults.append(fault)
    sys.stderr.write(f"relmem: plugin {plugin.distribution}: {fault}\n")
