"""Forms of English words."""

from functools import cache


@cache
def plural(noun: str) -> str:
    """More than one: mouse, mice."""
    *before, last = noun.split(" ")
    return " ".join([*before, _form(last, "NNS")])


@cache
def verb(lemma: str, tag: str) -> str:
    """A verb's form by its Penn tag: VBD past, VBN participle, VBG -ing, VBZ third person, VB.

    Of several words the first is the verb: "pick up", "picked up".
    """
    first, *rest = lemma.split(" ")
    return " ".join([first if tag == "VB" else _form(first, tag), *rest])


@cache
def lemma(word: str, kind: str) -> str:
    """The base of a NOUN or VERB: mice, mouse."""
    from lemminflect import getLemma

    return str(getLemma(word, kind)[0])


def _form(word: str, tag: str) -> str:
    from lemminflect import getInflection

    return str(getInflection(word, tag)[0])
