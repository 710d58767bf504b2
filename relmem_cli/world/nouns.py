"""What stories are about: people, places, things, and how a sentence names each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noun:
    """Somebody or something, with its forms.

    name    as an answer gives it: "kitchen", "Mary", "my sister"
    np      as a subject: "the kitchen", "Mary", "I"
    them    as an object: "me"
    he      its pronoun, and `him` as an object
    at, to  with a preposition: "in the kitchen", "to the kitchen"
    a, all  as one of a kind, and the whole kind: "a mouse", "mice"
    is_, was, has, does  the verb forms that go with it
    """

    name: str
    np: str = ""
    them: str = ""
    he: str = "it"
    him: str = "it"
    at: str = ""
    to: str = ""
    a: str = ""
    all: str = ""
    is_: str = "is"
    was: str = "was"
    has: str = "has"
    does: str = "does"
    members: tuple["Noun", ...] = field(default=())

    def __repr__(self) -> str:
        return f"<{self.name}>"


def plain(name: str) -> Noun:
    """A word that goes as it is: a colour, a direction, a time."""
    return Noun(name=name, np=name, them=name)


def person(name: str, he: str) -> Noun:
    """Somebody who is called by a name or as in "my sister"; `he` is he or she."""
    return Noun(name=name, np=name, them=name, he=he, him="him" if he == "he" else "her")


def narrator() -> Noun:
    """Who tells the story."""
    verbs = {"is_": "am", "was": "was", "has": "have", "does": "do"}
    return Noun(name="I", np="I", them="me", he="I", him="me", **verbs)


def thing(name: str, *, article: str = "the ") -> Noun:
    """A thing, or a kind of animal where "a" and "all" are asked for."""
    np = f"{article}{name}"
    return Noun(name=name, np=np, them=np)


def place(name: str, *, article: str = "the ", at: str = "in ", to: str = "to ") -> Noun:
    """A place: in the kitchen, at the airport, in Rome, at home."""
    np = f"{article}{name}"
    return Noun(name=name, np=np, them=np, at=f"{at}{np}", to=f"{to}{np}")


def species(name: str, all_of_them: str) -> Noun:
    """A kind of animal with its plural."""
    article = "an" if name[0] in "aeiou" else "a"
    np = f"the {name}"
    return Noun(name=name, np=np, them=np, a=f"{article} {name}", all=all_of_them)


def group(members: Sequence[Noun], *, both: str = "") -> Noun:
    """Several at once: "Mary and John", or "both Mary and John"."""
    verbs = {"is_": "are", "was": "were", "has": "have", "does": "do"}
    *first, last = [member.np for member in members]
    name = f"{both}{', '.join(first)} and {last}"
    return Noun(
        name=name, np=name, them=name, he="they", him="them", members=tuple(members), **verbs
    )


def pronoun(of: Noun) -> Noun:
    """The same as he, she, it or they."""
    return Noun(
        name=of.name,
        np=of.he,
        them=of.him,
        he=of.he,
        him=of.him,
        is_=of.is_,
        was=of.was,
        has=of.has,
        does=of.does,
        members=of.members or (of,),
    )
