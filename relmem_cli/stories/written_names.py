"""Names of a story as they come, and whose they are: "my sister's bike", "Tom's car"."""

from collections.abc import Sequence

from relmem_cli.stories.english import Word
from relmem_cli.stories.word_classes import DETERMINERS, RELATED

ARTICLES = frozenset(("a", "the", "some", "any", "another"))
OWNERS = DETERMINERS - {"this", "that", "these", "those", "no", "every", "each"}


class WrittenNames:
    """Names as they come: what each is looked up by, how it is written, what its last word means.

    written  a name's place in it is its number; it is never changed, only added to
    """

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, ...], list[int]] = {}
        self.owners: list[str] = []
        self.written: list[str] = []
        self.heads: dict[str, list[int]] = {}

    def first(self, count: int) -> "WrittenNames":
        """A copy with so many of them."""
        other = WrittenNames()
        other.owners, other.written = self.owners[:count], self.written[:count]
        other.numbers = {k: [n for n in some if n < count] for k, some in self.numbers.items()}
        other.heads = {k: [n for n in some if n < count] for k, some in self.heads.items()}
        return other

    def add(self, name: tuple[str, ...], owner: str, written: str, *, head: bool) -> None:
        """One more."""
        number, owner = len(self.written), _somebody(owner)
        self.numbers.setdefault(name, []).append(number)
        self.owners.append(owner)
        self.written.append(written)
        if head:
            self.heads.setdefault(name[-1], []).append(number)
        if len(name) > 1 and owner and name[0] in RELATED:
            self.numbers.setdefault(name[:1], []).append(number)

    def find(self, name: tuple[str, ...], owner: str, count: int) -> int | None:
        """The number of a name among the first `count`, by all of its words or its last one.

        Of several it is the latest; one of another owner, "my car" and "Tom's car", is another.
        """
        owner = _somebody(owner)
        heads = self.heads.get(name[0], []) if len(name) == 1 else []
        for numbers in (self.numbers.get(name, []), heads):
            for number in reversed(numbers):
                theirs = self.owners[number] if number < count else ""
                if number < count and (owner == theirs or not owner or not theirs):
                    return number
        return None


def owner_at(found: Sequence[Word], at: int) -> str:
    """Whose a name is that begins at a word, as written: "my ", "my aunt's "; else ""."""
    before = found[at - 1] if at else None
    if before is None or before.base not in OWNERS:
        return ""
    if before.base == "'s":
        if at < 2:
            return ""
        written = found[at - 2].written
        ending = "'" if written.endswith("s") else "'s"
        return f"{owner_at(found, at - 2)}{written}{ending} "
    return "" if before.base in ARTICLES else f"{before.written} "


def _somebody(owner: str) -> str:
    """An owner who can be told from others; "" for one like "his ", who may be anybody."""
    if owner.endswith(("'s ", "s' ")):
        return f"{owner.rsplit(maxsplit=1)[-1]} "  # "my aunt's " is "the aunt's "
    return owner if owner in ("my ", "our ", "your ") else ""
