import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.pipe import Pipe
from relmem_cli.chat.story.long_lines import LONGEST, line_parts
from relmem_cli.stories.babi import parse_babi
from relmem_cli.stories.batch import encode_stories
from relmem_cli.stories.story import Story

STORY = "Mary went to the kitchen.\nWhere is Mary?\n"


class Piped:
    """What came of some bytes: answers, one a line, and warnings."""

    def __init__(self, reader: Reader, data: bytes | str, *, as_json: bool = False) -> None:
        out = io.StringIO()
        self.warnings: list[str] = []
        pipe = Pipe(reader, out=out, warn=self.warnings.append, as_json=as_json)
        raw = data.encode() if isinstance(data, str) else data
        self.answered = pipe.run(io.BytesIO(raw))
        self.failed = pipe.failed
        self.lines = out.getvalue().splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def test_everyday_spelling_is_read(reader: Reader) -> None:
    piped = Piped(reader, "Mary, went to the kitchen! Where's Mary?")
    assert (piped.lines, piped.warnings) == (["kitchen"], [])


def test_each_question_gets_one_line_with_its_answer(reader: Reader) -> None:
    piped = Piped(reader, STORY + "John went to the garden. Where is John?")
    assert piped.lines == ["kitchen", "garden"]
    assert piped.answered == 2
    assert piped.warnings == []


def test_a_babi_file_is_read_as_it_is_each_story_from_line_1(reader: Reader) -> None:
    first = "1 Mary went to the kitchen.\n2 Where is Mary? \tattic\t1\n"
    second = "1 John went to the garden.\r\n2 Where is John? \tattic\t1\r\n"
    alone = Piped(reader, second, as_json=True)
    assert Piped(reader, first + second, as_json=True).objects[1] == alone.objects[0]
    assert alone.objects[0]["answer"] == "garden"


@pytest.mark.parametrize("data", ["en", "hn", "shuffled"])
def test_a_babi_file_gets_the_answers_that_the_whole_model_gives(
    data: str, babi: Path, untrained_for: Callable[[list[Story]], Reader]
) -> None:
    (file,) = (babi / data).glob("qa1_*_test.txt")
    text = "".join(file.read_text().splitlines(keepends=True)[:150])
    stories = list(parse_babi(text.splitlines(), file.name))
    reader = untrained_for(stories)
    with torch.inference_mode():
        logits = reader._model(encode_stories(stories, reader.vocabulary, reader.card.sizes))
    ids = sorted(reader.vocabulary.ids[answer] for answer in reader.vocabulary.answers)
    best = logits[:, ids].softmax(dim=1).max(dim=1)
    piped = Piped(reader, text, as_json=True)
    assert piped.warnings == []
    answers = [reader.vocabulary.items[ids[i]] for i in best.indices]
    assert [row["answer"] for row in piped.objects] == answers
    probabilities = [row["probability"] for row in piped.objects]
    assert probabilities == pytest.approx(best.values.tolist(), abs=1e-5)
    assert max(probabilities) - min(probabilities) > 1e-3  # the story matters


def test_a_name_that_is_read_as_another_is_told_be_it_told_or_asked(
    standing_in: Reader,
) -> None:
    piped = Piped(standing_in, "Zog went to the attic.\nWhere is Zog?\nWhere is Bee?\n")
    assert piped.lines[0] == "attic"
    told, asked = piped.warnings
    assert told.startswith("line 1: zog is read as ")
    assert asked.startswith("line 3: bee is read as ")


def test_a_word_that_is_a_command_at_a_terminal_is_no_sentence(reader: Reader) -> None:
    piped = Piped(reader, "exit\n" + STORY)
    assert piped.lines == ["kitchen"]
    assert piped.warnings == ["line 1: /quit is for a terminal; it is skipped here"]


def test_clear_begins_a_new_story(reader: Reader) -> None:
    again = "John went to the garden.\nWhere is John?\n"
    piped = Piped(reader, STORY + "/clear\n" + again, as_json=True)
    assert piped.objects[1] == Piped(reader, again, as_json=True).objects[0]
    assert piped.warnings == []


def test_other_commands_are_skipped_with_a_warning(reader: Reader) -> None:
    piped = Piped(reader, "/undo\n/clear all\n/foo\n" + STORY)
    assert piped.lines == ["kitchen"]
    assert piped.warnings == [
        "line 1: /undo is for a terminal; it is skipped here",
        "line 2: nothing may follow /clear; it is skipped here",
        "line 3: there is no command /foo; it is skipped here",
    ]
    assert len(Piped(reader, f"/{'z' * 1_000}").warnings[0]) < 100


def test_json_has_the_question_as_typed_and_the_answers_with_probabilities(reader: Reader) -> None:
    (row,) = Piped(reader, STORY, as_json=True).objects
    assert list(row) == ["question", "answer", "probability", "alternatives", "unknown"]
    assert row["question"] == "Where is Mary?"
    assert row["answer"] == "kitchen"
    assert row["unknown"] == []
    others = {other["answer"]: other["probability"] for other in row["alternatives"]}
    assert set(others) == {"garden", "attic"}
    assert row["probability"] + sum(others.values()) == pytest.approx(1)


def test_unknown_words_of_a_sentence_are_blanks_named_once_and_listed_by_story(
    reader: Reader,
) -> None:
    text = "Zog went to the kitchen.\nWhere is John?\nWhere is Mary?\n1 Anna went to the attic.\n"
    piped = Piped(reader, text + "Where is Anna?", as_json=True)
    assert [row["unknown"] for row in piped.objects] == [["zog"], ["zog"], []]
    assert piped.warnings == ["line 1: the model does not know and leaves blank: zog"]
    blank = Piped(reader, "went to the kitchen.\nWhere is Mary?", as_json=True).objects[0]
    assert blank["probability"] != piped.objects[1]["probability"]
    assert piped.failed == 0


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Where is Zed?", "the model does not know 'zed'."),
        ("Where is Marry?", "the model does not know 'marry' (mary?)."),
        ("Where is Mary Mary Mary?", "this question has 5 words"),
    ],
)
def test_a_question_that_cannot_be_read_is_named_by_its_line_and_the_rest_answered(
    reader: Reader, question: str, reason: str
) -> None:
    text = f"{STORY}{question}\nWhere is Mary?"
    piped = Piped(reader, text)
    assert piped.lines == ["kitchen", "?", "kitchen"]
    assert (piped.answered, piped.failed) == (2, 1)
    (warning,) = piped.warnings
    assert warning.startswith(f"line 3: not answered: {reason}")
    row = Piped(reader, text, as_json=True).objects[1]
    assert (row["question"], row["answer"], row["probability"]) == (question, None, None)
    assert row["error"].startswith(reason)
    assert row["alternatives"] == []
    unknown = reader.vocabulary.unknown(["zed", "marry"])
    assert row["unknown"] == [word for word in unknown if word in question.lower()]


@pytest.mark.parametrize("method", ["answer", "read"])
def test_a_model_that_raises_costs_that_line_alone(
    untrained: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    reader = untrained("entnet", ["mary slept .", "is mary ?"], ("yes",))
    works, calls = getattr(reader._model, method), iter([True, False])

    def once(*given: Any) -> Any:
        if next(calls):
            raise ValueError("no such\n\x1b[31mcolour")
        return works(*given)

    monkeypatch.setattr(reader._model, method, once)
    piped = Piped(reader, "Mary slept.\nIs Mary?\nMary slept.\nIs Mary?")
    what, line = ("answered", 2) if method == "answer" else ("read", 1)
    assert piped.warnings == [f"line {line}: not {what}: ValueError: no such [31mcolour"]
    assert piped.failed == 1
    assert piped.lines == (["?", "yes"] if method == "answer" else ["yes", "yes"])


def test_a_question_mark_alone_has_a_line_too(reader: Reader) -> None:
    piped = Piped(reader, f"{STORY}?\nWhere is Mary?\n")
    assert piped.lines == ["kitchen", "?", "kitchen"]
    assert piped.warnings == ["line 3: not answered: there are no words before the question mark."]
    row = Piped(reader, f"{STORY} ? \n", as_json=True).objects[1]
    assert (row["question"], row["answer"], row["unknown"]) == ("?", None, [])


def test_a_wide_or_hostile_line_is_only_text(reader: Reader) -> None:
    piped = Piped(reader, "\x1b]0;x\x07[red]\U0001f600 你好[/red]?\n" + STORY, as_json=True)
    assert "\x1b" not in "".join(piped.warnings)
    assert all(line.isascii() for line in piped.lines)
    assert piped.objects[0]["question"] == "]0;x[red]\U0001f600 你好[/red]?"
    assert piped.objects[1]["answer"] == "kitchen"


def test_a_sentence_that_is_too_long_is_cut_with_a_warning(reader: Reader) -> None:
    piped = Piped(reader, "Mary went to the kitchen the kitchen.\nWhere is Mary?")
    assert piped.lines == ["kitchen"]
    assert piped.warnings == ["line 1: too long for the model; 2 tokens cut off"]
    one = Piped(reader, "Mary went to the the kitchen.\nWhere is Mary?")
    assert one.warnings == ["line 1: too long for the model; 1 token cut off"]


@pytest.mark.parametrize("as_json", [False, True])
def test_an_endless_line_is_cut_which_has_failed_and_the_next_one_read(
    reader: Reader, as_json: bool
) -> None:
    endless = "Mary went to the kitchen" + " zebra" * LONGEST + "\n"
    piped = Piped(reader, endless + "Where is Mary?\n", as_json=as_json)
    answers = [row["answer"] for row in piped.objects] if as_json else piped.lines
    assert answers == ["kitchen"]
    assert "a sentence is longer than 65,536 characters; its end is lost" in piped.warnings[0]
    assert all(warning.startswith("line 1") for warning in piped.warnings)
    assert (piped.answered, piped.failed) == (1, 1)


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_line_of_just_the_greatest_length_is_whole(reader: Reader, end: str) -> None:
    question = "Where is Mary?"
    piped = Piped(reader, " " * (LONGEST - len(question)) + question + end)
    assert (len(piped.lines), piped.failed, piped.warnings) == (1, 0, [])


LONG = " zebra" * LONGEST


@pytest.mark.parametrize(
    "question",
    [
        f"Where is Mary{LONG}?",
        f"zebra{LONG}?",
        f"1 Where is Mary. Mary{LONG} ? ",
        f"\ufeff1 Where is Mary{LONG} \tkitchen\t1",
        f"where is Mary{LONG}",
        f"Where is {'z' * 4 * LONGEST}?",
        f"Where is Mary{' 你好' * LONGEST}?",
    ],
)
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_question_that_is_too_long_has_its_line_and_its_reason(
    reader: Reader, question: str, end: str
) -> None:
    piped = Piped(reader, f"{STORY}{question}{end}")
    assert piped.lines == ["kitchen", "?"]
    assert piped.warnings == ["line 3: not answered: it is longer than 65,536 characters."]
    assert (piped.answered, piped.failed) == (1, 1)
    row = Piped(reader, f"{STORY}{question}\n{STORY}", as_json=True).objects[1]
    assert (row["answer"], row["error"]) == (None, "it is longer than 65,536 characters.")
    assert (
        row["question"].split()[0] == question.removeprefix("\ufeff").removeprefix("1 ").split()[0]
    )
    assert len(row["question"]) <= 400


def test_questions_in_a_line_that_is_too_long_are_answered_each(reader: Reader) -> None:
    noise = "!!! " * 20_000
    parts = [f"Mary went to the attic. {noise}", "Where is Mary?", f"John slept! {noise}"]
    parts += ["Where is John?", "/undo is nothing. 1 zebra.", f"Mary{LONG}?", "Where is Mary?"]
    piped = Piped(reader, f"{' '.join(parts)}\nWhere is Mary?\n")
    apart = Piped(reader, "\n".join(part for part in parts if "/" not in part))
    assert piped.lines == [*apart.lines, apart.lines[-1]]
    assert (piped.lines[2], piped.failed, len(piped.lines)) == ("?", 1, 5)
    assert piped.warnings[-1] == "line 1: not answered: it is longer than 65,536 characters."


@pytest.mark.parametrize("line", ["Where is Mary? \tattic", "/clear", "1 Where is Mary? \tattic\t"])
def test_what_follows_a_command_or_a_true_answer_is_passed_over(reader: Reader, line: str) -> None:
    piped = Piped(reader, f"{STORY}{line} 1. Where is Mary?{' zebra. Is it?' * LONGEST}\n{STORY}")
    assert len(piped.lines) == 2 + ("Where" in line)
    assert piped.failed == 0


@pytest.mark.parametrize("start", [b"", b"1 ", b"/clear "])
def test_a_line_without_an_end_is_read_in_little_memory(start: bytes) -> None:
    stream = Endless(start, b"zebra ", 1 << 24)
    tracemalloc.start()
    try:
        assert sum(len(part.text) for part in line_parts(stream)) == LONGEST
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


class Endless(io.BytesIO):
    """A text again and again without the end of a line, up to so many bytes."""

    def __init__(self, start: bytes, text: bytes, size: int) -> None:
        super().__init__(start)
        self._text, self._left = text, size

    def readline(self, size: int | None = -1) -> bytes:
        assert size is not None
        more = self._text * (size // len(self._text) + 1)
        data = (super().readline(size) + more)[: min(size, self._left)]
        self._left -= len(data)
        return data


def test_bad_utf8_nul_and_a_byte_order_mark_do_not_stop_it(reader: Reader) -> None:
    piped = Piped(reader, b"\xef\xbb\xbfMary went\x00 to the kitchen.\n\xff\xfe\nWhere is Mary?")
    assert piped.lines == ["kitchen"]
    assert piped.warnings == ["line 2: the model does not know and leaves blank: \ufffd\ufffd"]


def test_an_answer_comes_before_the_next_line_is_read(reader: Reader) -> None:
    written = io.BytesIO()
    seen: list[bytes] = []

    class Stream(io.BytesIO):
        def readline(self, size: int | None = -1) -> bytes:
            seen.append(written.getvalue())
            return super().readline(size)

    with io.TextIOWrapper(written) as out:  # what is not flushed stays in there
        Pipe(reader, out=out, warn=fail).run(Stream(STORY.encode() + b"Where is John?\n"))
    assert seen[2] == b"kitchen\n"


def fail(text: str) -> None:
    raise AssertionError(text)


def test_a_long_story_keeps_nothing_but_the_state(reader: Reader) -> None:
    pipe = Pipe(reader, out=io.StringIO(), warn=lambda text: None)
    for number in range(300):
        pipe.take(f"zebra{number} went to the kitchen.", number)
    held = [value for value in vars(pipe).values() if isinstance(value, list | dict | tuple)]
    assert max(len(value) for value in held) <= 100


def test_no_question_means_no_answer(reader: Reader) -> None:
    assert Piped(reader, b"").answered == 0
    assert Piped(reader, "Mary went to the kitchen.\n\n").answered == 0
