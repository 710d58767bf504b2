"""What stories are about: people, places, things, and how a sentence names each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from relmem_cli.world.inflection import verb

SPOT = "spot"
"""The scene of what things are put in, on or under, in whatever room that is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noun:
    """Somebody or something, with its forms.

    name    as an answer gives it: "kitchen", "Mary", "my sister"
    np      as a subject: "the kitchen", "Mary", "I"
    them    as an object: "me"
    he      its pronoun, and `him` as an object
    at, to  with a preposition: "in the kitchen", "to the kitchen"
    into, inside, near, far, fly, goal  after verbs that not all places go with, else empty:
            slipped into the kitchen, entered it, strolled to the park, drove to Rome, flew to Rome,
            reached the park
    off     from where a thing is taken: out of the drawer, off the shelf, from under the bed
    scene   the kind of places that go together; SPOT of those where things are put
    a, all  as one of a kind, and the whole kind: "a mouse", "mice"
    own     his, her, its
    seek    as an object of finding: empty for who tells the story
    is_, was, has, does  the verb forms that go with it
    """

    name: str
    np: str = ""
    them: str = ""
    he: str = "it"
    him: str = "it"
    own: str = "its"
    seek: str = ""
    at: str = ""
    to: str = ""
    into: str = ""
    inside: str = ""
    near: str = ""
    far: str = ""
    fly: str = ""
    goal: str = ""
    off: str = ""
    a: str = ""
    all: str = ""
    is_: str = "is"
    was: str = "was"
    has: str = "has"
    does: str = "does"
    scene: str = ""
    members: tuple["Noun", ...] = field(default=())

    @property
    def whose(self) -> str:
        """Before what is theirs: "Ann's", "my"."""
        return "my" if self.np == "I" else f"{self.np}'s"

    def __repr__(self) -> str:
        return f"<{self.name}>"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verb(Noun):
    """What somebody does to something or somebody: to paint, by its forms.

    base, past, en, ing  paint, painted, painted, painting
    whom                 whether it is done to people; else to things
    gets                 whether who does it has the thing then, as after buying it
    open                 whether a vocabulary leaves it out, as it does most verbs of a newcomer's
    """

    base: str
    past: str
    en: str
    ing: str
    whom: bool = False
    gets: bool = False
    open: bool = False


def to_do(name: str, *, whom: bool = False, gets: bool = False, open: bool = False) -> Verb:  # noqa: A002
    """A verb by its base."""
    past, en, ing = (verb(name, tag) for tag in ("VBD", "VBN", "VBG"))
    return Verb(name=name, base=name, past=past, en=en, ing=ing, whom=whom, gets=gets, open=open)


def plain(name: str) -> Noun:
    """A word that goes as it is: a colour, a direction, a time."""
    return Noun(name=name, np=name, them=name)


def person(name: str, he: str) -> Noun:
    """Somebody who is called by a name or as in "my sister"; `he` is he, she or it."""
    him, own = {"he": ("him", "his"), "she": ("her", "her"), "it": ("it", "its")}[he]
    return Noun(name=name, np=name, them=name, seek=name, he=he, him=him, own=own)


def narrator() -> Noun:
    """Who tells the story."""
    return Noun(
        name="I", np="I", them="me", he="I", him="me", own="my", is_="am", has="have", does="do"
    )


def thing(name: str, *, article: str = "the ") -> Noun:
    """A thing, or a kind of animal where "a" and "all" are asked for."""
    np = f"{article}{name}"
    return Noun(name=name, np=np, them=np, seek=np)


def place(  # noqa: PLR0913  # each is a way in which names of places differ
    name: str,
    *,
    article: str = "the ",
    at: str = "in",
    to: str = "to ",
    into: bool = False,
    scene: str = "around",
    goal: bool = True,
) -> Noun:
    """A place: in the kitchen, at the airport, in Rome, at work.

    scene  house, around (a town's places) or abroad (towns)
    into   one goes into it
    goal   one may enter it, reach it, visit it
    """
    np = f"{article}{name}"
    there = f"{to}{np}"
    return Noun(
        name=name,
        np=np,
        them=np,
        at=f"{at} {np}",
        to=there,
        into=f"into {np}" if into else "",
        inside=np if into else "",
        near=there if scene != "abroad" else "",
        far=there if scene != "house" else "",
        fly=there if scene == "abroad" else "",
        goal=np if goal else "",
        a=_with_a(name) if article else "",
        scene=scene,
    )


def spot(name: str, *, article: str = "the ", at: str = "in", off: str = "out of") -> Noun:
    """Where a thing may be put: in the drawer, on the shelf, under the mat."""
    np = f"{article}{name}"
    there = f"{at} {np}"
    return Noun(name=name, np=np, them=np, at=there, to=there, off=f"{off} {np}", scene=SPOT)


def inside(thing: Noun) -> Noun:
    """A thing as the spot where others are put: in the bag."""
    at, off = f"in {thing.np}", f"out of {thing.np}"
    return Noun(name=thing.name, np=thing.np, them=thing.np, at=at, to=at, off=off, scene=SPOT)


def several(name: str, number: str = "", *, one: str = "") -> Noun:
    """Things of a kind by their plural, or so many of them: "apples", "three apples".

    one  what one of them is called
    """
    np = f"{number} {name}".strip()
    alone = number == "one"
    return Noun(
        name=np,
        np=np,
        them=np,
        seek=np,
        he="it" if alone else "they",
        him="it" if alone else "them",
        a=one,
        is_="is" if alone else "are",
        was="was" if alone else "were",
        has="has" if alone else "have",
        does="does" if alone else "do",
    )


def owned(spot: Noun, own: str) -> Noun:
    """The same spot as somebody's: in her drawer."""
    forms = ("np", "at", "off")
    mine = {form: getattr(spot, form).replace("the ", f"{own} ", 1) for form in forms}
    return replace(spot, **mine, them=mine["np"], to=mine["at"])


def relative(one: Noun, of: Noun) -> Noun:
    """Somebody, "father", by whose they are: Ann's father."""
    np = f"{of.whose} {one.name}"
    return replace(one, name=np, np=np, them=np, seek=np)


def species(name: str, all_of_them: str) -> Noun:
    """A kind of animal with its plural."""
    np = f"the {name}"
    return Noun(name=name, np=np, them=np, a=_with_a(name), all=all_of_them)


def _with_a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def group(members: Sequence[Noun], *, both: str = "") -> Noun:
    """Several at once: "Mary and John", or "both Mary and John"."""
    members = sorted(members, key=lambda member: member.np == "I")
    *first, last = [member.np for member in members]
    name = f"{both}{', '.join(first)} and {last}"
    he, him, own = ("we", "us", "our") if last == "I" else ("they", "them", "their")
    return Noun(
        name=name,
        np=name,
        them=name,
        he=he,
        him=him,
        own=own,
        is_="are",
        was="were",
        has="have",
        does="do",
        members=tuple(members),
    )


def pronoun(of: Noun) -> Noun:
    """The same as he, she, it or they."""
    return Noun(
        name=of.name,
        np=of.he,
        them=of.him,
        he=of.he,
        him=of.him,
        own=of.own,
        is_=of.is_,
        was=of.was,
        has=of.has,
        does=of.does,
        members=of.members or (of,),
    )
