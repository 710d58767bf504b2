"""Which words follow which in a set of stories: what completion offers at a place."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from relmem_cli.stories.story import Story

MOST = 12
"""Words kept after one context."""

MOST_CONTEXTS = 3_000
"""Contexts kept, those that were seen most: a model's file has all of them in its header."""

FEWEST = 2
"""Times that a context was seen, at least, to be kept."""

START = ""
"""Stands for what comes before the first token."""

_END_MARKS = {".", "?"}


def follows(
    stories: Iterable[Story], known: Callable[[str], bool] | None = None
) -> dict[str, list[str]]:
    """The words that follow each context, the most frequent first.

    known  which words are kept, and which contexts: those of such words; without it all are

    A context is the one or two tokens before, joined by a space, in the same sentence or question;
    "" is its start, so that " mary" is a "mary" that begins it. A context of two whose words
    are those of its last token alone is left out: looking that up gives the same.
    """
    seen = _seen(stories, known or (lambda _: True))
    often = sorted(seen, key=lambda context: (-seen[context].total(), " " in context))
    kept = {
        context: [word for word, _ in seen[context].most_common(MOST)]
        for context in often[:MOST_CONTEXTS]
        if seen[context].total() >= FEWEST
    }
    return {
        context: words
        for context, words in sorted(kept.items())
        if " " not in context or words != kept.get(context.rpartition(" ")[2])
    }


def contexts(tokens: Sequence[str]) -> tuple[str, ...]:
    """The contexts of what comes after these tokens, the narrower one first."""
    if not tokens:
        return (START,)
    before, last = [START, *tokens][-2:]
    return f"{before} {last}", last


def _seen(stories: Iterable[Story], known: Callable[[str], bool]) -> dict[str, Counter[str]]:
    """How often each word came after each context; end marks are no words."""
    said = Counter(
        tokens
        for story in stories
        for tokens in (*story.sentences, *(question.text for question in story.questions))
    )
    seen: dict[str, Counter[str]] = {}
    for tokens, times in said.items():
        for place, word in enumerate(tokens):
            if word in _END_MARKS or not known(word):
                continue
            for context in contexts(tokens[:place]):
                if not all(map(known, context.split())):
                    continue
                seen.setdefault(context, Counter())[word] += times
    return seen
