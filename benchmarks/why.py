"""Whether /why is right: how often a true supporting sentence is ranked first.

    uv run python benchmarks/why.py [--quick] [--out FILE.json]

For questions of bAbI's test files that a model answered rightly, spread evenly over each file, the
sentence with the largest share in the answer is compared with those that the file names as the
answer's reasons. Asked are each task's own shipped model and the two for all tasks. Beside it, in
the same run: what /why showed before (attention, for models with slots times the gates), and what
any sentence picked by chance would reach.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from attention import by_attention
from machine import machine

from relmem_cli.chat.model.loader import open_reader
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.session import sentence_shares
from relmem_cli.library import DEFAULT_MODEL, task_model
from relmem_cli.paths import data_cache
from relmem_cli.stories.catalogue import TASKS
from relmem_cli.stories.sources import data_roots, open_source
from relmem_cli.stories.story import Question, Story
from relmem_cli.training.arithmetic import subnormals_flushed, use_threads

FOR_ALL = (DEFAULT_MODEL, "relation-slot-joint")
"""The models of all 20 tasks."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question that was answered rightly: whether each measure put a true sentence first.

    chance   the part of the sentences before the question that are true ones
    supports how many are true ones
    seconds  that the gradient took
    """

    gradient: bool
    attention: bool
    chance: float
    supports: int
    seconds: float


def ask(reader: Reader, story: Story, question: Question) -> Asked | None:
    """None where the answer is wrong, or the file names no reason."""
    told = [said(UtteranceKind.sentence, tokens) for tokens in story.sentences[: question.position]]
    asked = said(UtteranceKind.question, question.text)
    states = [reader.begin()]
    for sentence in told:
        states.append(reader.read(states[-1], sentence))
    answer = reader.answer(states[-1], asked).answer
    if answer.lower() != question.answer.lower() or not question.supports:
        return None
    started = time.perf_counter()
    by_gradient = sentence_shares(reader.weights(told, asked, answer))
    seconds = time.perf_counter() - started
    return Asked(
        gradient=first(by_gradient) in question.supports,
        attention=first(by_attention(reader, states[1:], asked)) in question.supports,
        chance=len(question.supports) / len(told),
        supports=len(question.supports),
        seconds=seconds,
    )


def first(weights: Sequence[float]) -> int:
    return max(range(len(weights)), key=weights.__getitem__)


def said(kind: UtteranceKind, tokens: tuple[str, ...]) -> Utterance:
    return Utterance(kind=kind, tokens=tokens, text=" ".join(tokens))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A model on a task: questions asked and answered rightly, and of the latter each part."""

    model: str
    task: int
    asked: int
    right: int
    supports: float
    gradient: float
    attention: float
    chance: float
    milliseconds: float


def row(reader: Reader, task: int, questions: Sequence[tuple[Story, Question]]) -> Row | None:
    found = [ask(reader, story, question) for story, question in questions]
    right = [one for one in found if one is not None]
    if not right:
        return None
    return Row(
        model=reader.name,
        task=task,
        asked=len(found),
        right=len(right),
        supports=round(statistics.mean(one.supports for one in right), 2),
        gradient=round(statistics.mean(one.gradient for one in right), 3),
        attention=round(statistics.mean(one.attention for one in right), 3),
        chance=round(statistics.mean(one.chance for one in right), 3),
        milliseconds=round(1000 * statistics.median(one.seconds for one in right), 1),
    )


def spread(stories: Sequence[Story], count: int) -> list[tuple[Story, Question]]:
    """About `count` questions, evenly over all stories."""
    every = [(story, question) for story in stories for question in story.questions]
    return every[:: max(1, len(every) // count)][:count]


def table(rows: Sequence[Row]) -> str:
    """Markdown, a line for each task."""
    lines = [
        "| task | true sentences "
        "| own model | attention | transformer | attention | slots | attention | chance |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for task in sorted({one.task for one in rows}):
        both = {one.model: one for one in rows if one.task == task}
        one = next(iter(both.values()))
        cells = [f"{task} {TASKS[task].name}", f"{one.supports:g}"]
        for model in (task_model(task), *FOR_ALL):
            cells += parts(both.get(model))
        lines.append(f"| {' | '.join([*cells, f'{one.chance:.0%}'])} |")
    each = [[one for one in rows if one.model not in FOR_ALL]]
    each += [[one for one in rows if one.model == model] for model in FOR_ALL]
    means = [f"{mean(part, name):.1%}" for part in each for name in ("gradient", "attention")]
    lines.append(f"| mean | | {' | '.join(means)} | {mean(rows, 'chance'):.0%} |")
    return "\n".join(lines)


def parts(one: Row | None) -> list[str]:
    """The share by gradient, with how many questions it is of, and by attention."""
    return [f"{one.gradient:.0%} of {one.right}", f"{one.attention:.0%}"] if one else ["", ""]


def mean(rows: Sequence[Row], name: str) -> float:
    return statistics.mean(getattr(one, name) for one in rows) if rows else 0.0


@subnormals_flushed()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="en", help="a set of bAbI, or a folder with its files")
    parser.add_argument("--questions", type=int, default=100, help="of each task")
    parser.add_argument("--split", default="test", help="test, or train to choose a measure by")
    parser.add_argument("--quick", action="store_true", help="tasks 1 and 15, 10 questions each")
    parser.add_argument("--out", type=Path, help="a file to write JSON to")
    arguments = parser.parse_args()
    use_threads(1)
    source = open_source(arguments.data, roots=data_roots(data_cache()))
    tasks, count = ((1, 15), 10) if arguments.quick else (tuple(TASKS), arguments.questions)
    joint = [open_reader(model, "cpu") for model in FOR_ALL]
    found = []
    for task in tasks:
        questions = spread(source.stories(task, arguments.split), count)
        found += [row(open_reader(task_model(task), "cpu"), task, questions)]
        found += [row(reader, task, questions) for reader in joint]
    rows = [one for one in found if one is not None]
    report = {"machine": machine(torch.device("cpu")), "rows": [asdict(one) for one in rows]}
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report["machine"]))
    print(table(rows))


if __name__ == "__main__":
    main()
