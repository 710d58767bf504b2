"""What a model understands of stories in people's own words, and of bAbI's and generated ones.

    uv run python benchmarks/understanding.py [FILE...] [--model NAME] [--babi] [--mixtures 12,60]
        [--words everyday] [--style everyday] [--told FILE] [--long 10000] [--wrong 10] [--json]

A FILE has a story a line, a JSON object: id, tier, kind, lines, and questions, each with `after`
(how many lines come before it), `q` and `answers`, every accepted spelling. They are told as chat
reads them. --babi tests the 20 tasks of `en` (needs RELMEM_DATA), --mixtures stories of the mixture
with so many sentences that training never saw, --told those of a file in bAbI's format, --long
stories of so many, with the time of an answer and the memory of a sentence in a conversation.
"""

import argparse
import json
import re
import statistics
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from machine import processor

from relmem_cli.asked_data import open_data
from relmem_cli.chat.model.loader import open_reader
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import UtteranceKind
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.library import DEFAULT_MODEL, find_model
from relmem_cli.plugins import registry
from relmem_cli.stories.babi import read_babi
from relmem_cli.stories.story import Story
from relmem_cli.stories.tasks import JOINT, as_read, load_test, tasks_of
from relmem_cli.training.arithmetic import use_threads
from relmem_cli.training.checkpoints import TrainedModel, load_model
from relmem_cli.training.device import pick_device
from relmem_cli.training.evaluation import score_stories
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.phrases import load_style
from relmem_cli.world.story_stream import tell_stories
from relmem_cli.world.teller import Level, Voice

SURE = 0.9
_ARTICLE = re.compile(r"\bthe ")
QUESTIONS = 1000
LONG_QUESTIONS = 50


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with what came of it; an answer of None: it was not taken for a question."""

    tier: str
    kind: str
    story: str
    question: str
    wanted: tuple[str, ...]
    answer: str | None
    probability: float

    @property
    def right(self) -> bool:
        """Whether the answer is an accepted one, in any order."""
        return self.answer is not None and _plain(self.answer) in set(map(_plain, self.wanted))


def _plain(answer: str) -> str:
    """An answer without articles, its parts in order of spelling."""
    parts = _ARTICLE.sub("", answer.lower()).replace(" and ", ",").split(",")
    return ",".join(sorted(part.strip() for part in parts))


def ask_file(reader: Reader, path: Path) -> Iterator[Asked]:
    """Every question of a file."""
    for line in path.read_text("utf-8").splitlines():
        story = json.loads(line)
        state = reader.begin()
        for number in range(len(story["lines"]) + 1):
            if number:
                state = _tell(reader, state, story["lines"][number - 1])
            for asked in story["questions"]:
                if asked["after"] == number:
                    given = _ask(reader, state, asked["q"])
                    yield Asked(
                        tier=story["tier"],
                        kind=str(asked.get("kind", story["kind"])),
                        story=" | ".join(story["lines"][:number]),
                        question=asked["q"],
                        wanted=tuple(asked["answers"]),
                        answer=given[0],
                        probability=given[1],
                    )


def _tell(reader: Reader, state: Any, line: str) -> Any:
    parsed = parse_typed(line, reader.vocabulary)
    for said in parsed if isinstance(parsed, list) else []:
        if said.kind is UtteranceKind.sentence:
            state = reader.read(state, said)
    return state


def _ask(reader: Reader, state: Any, text: str) -> tuple[str | None, float]:
    parsed = parse_typed(text, reader.vocabulary)
    if not isinstance(parsed, list) or not parsed or parsed[0].kind is not UtteranceKind.question:
        return None, 0.0
    answer = reader.answer(state, parsed[0])
    return answer.answer, answer.probability


def tally(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """Shares in percent by tier, and by tier and kind."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        groups[one.tier].append(one)
        groups[f"{one.tier}/{one.kind}"].append(one)
    return [
        {
            "group": name,
            "n": len(some),
            "right": _share(some, lambda one: one.right),
            "wrong": _share(
                some, lambda one: not one.right and one.answer not in (None, "unknown")
            ),
            "unknown": _share(some, lambda one: not one.right and one.answer == "unknown"),
            "not_taken": _share(some, lambda one: one.answer is None),
        }
        for name, some in sorted(groups.items())
    ]


def _share(asked: Sequence[Asked], holds: Any) -> float:
    return round(100 * sum(map(holds, asked)) / len(asked), 1)


def surely_wrong(asked: Sequence[Asked]) -> dict[str, float]:
    """Of the answers given with more than 90%, how many are wrong."""
    sure = [one for one in asked if one.probability > SURE]
    wrong = sum(not one.right for one in sure)
    return {
        "given": len(sure),
        "wrong": wrong,
        "percent": round(100 * wrong / max(len(sure), 1), 1),
    }


def errors(trained: TrainedModel, data: str) -> Iterator[dict[str, Any]]:
    """The error in percent on the test stories of a source, by task."""
    source = open_data(data)
    is_open = trained.card.sizes.words == "open"
    for number in tasks_of(source, JOINT):
        stories = load_test(source, number, clauses=is_open)
        yield {"data": data, "task": number, **error_on(trained, stories)}


def error_on(trained: TrainedModel, stories: Sequence[Story]) -> dict[str, Any]:
    """The error in percent on stories, and how many questions they have."""
    score = score_stories(trained.model, stories, trained.vocabulary)
    return {"error": round(100 * score.error, 2), "n": score.n}


def long_stories(reader: Reader, sentences: int, words: str, style: str) -> dict[str, Any]:
    """Long stories: right answers in percent, the time of an answer, the memory of a sentence."""
    voice = Voice(lexicon=load_lexicon(words), style=load_style(style))
    level = Level(sentences=sentences)
    right, times, held = 0, [], 0.0
    for lines in tell_stories(MIXTURE, voice, seed="long", questions=LONG_QUESTIONS, level=level):
        session, held = _told_in_chat(reader, [line.text for line in lines if line.answer is None])
        state = session.state
        for line in lines:
            if line.answer is not None:
                started = time.perf_counter()
                answer, _ = _ask(reader, state, f"{line.text.rstrip('?.')}?")
                times.append(time.perf_counter() - started)
                right += answer is not None and _plain(answer) == _plain(line.answer)
    return {
        "sentences": sentences,
        "asked": len(times),
        "right": round(100 * right / len(times), 1),
        "median_ms": round(1000 * statistics.median(times), 1),
        "bytes_a_sentence": round(held / sentences),
    }


def _told_in_chat(reader: Reader, lines: Sequence[str]) -> tuple[Session, float]:
    """A conversation of these lines, and the bytes of its Python objects and of its tensors."""
    session = Session(reader)
    tracemalloc.start()
    for line in lines:
        parsed = parse_typed(line, reader.vocabulary)
        for said in parsed if isinstance(parsed, list) else []:
            session.say(said)
    objects = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    storages = {
        each.untyped_storage().data_ptr(): each.untyped_storage().nbytes()
        for turn in session.turns
        for each in turn.state.memory
    }
    return session, objects + sum(storages.values())


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--babi", action="store_true")
    parser.add_argument("--mixtures", default="")
    parser.add_argument("--told", type=Path, action="append", default=[])
    parser.add_argument("--long", type=int, default=0)
    parser.add_argument("--words", default="everyday")
    parser.add_argument("--style", default="everyday")
    parser.add_argument("--wrong", type=int, default=0, help="print so many that are wrong")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    use_threads(1)
    reader = open_reader(given.model, "cpu")
    found: dict[str, Any] = {"model": given.model, "processor": processor()}
    asked = [one for path in given.files for one in ask_file(reader, path)]
    if asked:
        found |= {"own words": tally(asked), "over 90%": surely_wrong(asked)}
        wrong = [one for one in asked if not one.right]
        found |= {"wrong": [asdict(one) for one in wrong[: given.wrong]]} if given.wrong else {}
    trained = load_model(find_model(given.model), registry().variants, pick_device("cpu"))
    if given.babi:
        found["babi"] = list(errors(trained, "en"))
    voice = f"words={given.words},style={given.style}"
    found["mixtures"] = [
        row
        for length in filter(None, given.mixtures.split(","))
        for row in errors(
            trained, f"world:mixture,{voice},sentences={length},questions={QUESTIONS},seed=77"
        )
    ]
    is_open = trained.card.sizes.words == "open"
    found["told"] = [
        {"data": path.name, **error_on(trained, as_read(read_babi(path), None, clauses=is_open))}
        for path in given.told
    ]
    if given.long:
        found["long"] = long_stories(reader, given.long, given.words, given.style)
    print(json.dumps(found) if given.json else _readable(found))


def _readable(found: dict[str, Any]) -> str:
    lines = []
    for name, value in found.items():
        if isinstance(value, list):
            lines += [
                f"{name}:",
                *("  " + "  ".join(f"{k} {v}" for k, v in row.items()) for row in value),
            ]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
