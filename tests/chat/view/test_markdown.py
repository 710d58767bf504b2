"""A conversation as Markdown."""

from pathlib import Path

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.view.export import export
from relmem_cli.chat.view.markdown import to_markdown
from relmem_cli.errors import RelmemError


def told(reader: Reader, *lines: str) -> Session:
    session = Session(reader)
    session.load([one for line in lines for one in parse_line(line)])  # type: ignore[misc]
    return session


def test_it_has_the_model_the_story_the_answers_with_percentages_and_why(reader: Reader) -> None:
    session = told(reader, "Mary went to the kitchen.", "Where is Mary?", "John went to the attic.")
    answer = session.turns[1].answer
    assert answer
    lines = to_markdown(session).splitlines()
    assert lines[:5] == [
        "# A conversation with a memory network",
        "",
        "Model: walks (relmem)",
        "",
        "1. Mary went to the kitchen.",
    ]
    assert lines[6].startswith(f"> **Where is Mary?** kitchen {answer.probability:.1%}")
    assert lines[7:] == ["> read from 1 (100%)", "", "2. John went to the attic."]


def test_what_was_said_is_no_markup(reader: Reader) -> None:
    session = told(reader, "<script> *Mary* [x](y) _went_ | # `z`.", "- Zog slept.", "3) Zog.")
    text = to_markdown(session, "*a* <b>")
    assert text.splitlines()[0] == r"# \*a\* \<b\>"
    assert r"1. \<script\> \*Mary\* \[x\](y) \_went\_ \| \# \`z\`. *(not read)*" in text
    assert r"2. \- Zog slept. *(not read)*" in text
    assert r"3. 3\) Zog. *(not read)*" in text


def test_sentences_that_were_not_read_are_counted_and_never_a_reason(reader: Reader) -> None:
    session = told(reader, "Zog slept.", "Mary went to the kitchen.", "Where is Mary?")
    assert "> read from 2 (100%)" in to_markdown(session)
    assert "> **Where is Zog?** *(not read)*" in to_markdown(told(reader, "Where is Zog?"))


def test_another_true_answer_is_told(reader: Reader) -> None:
    text = to_markdown(told(reader, "1 Mary went to the kitchen.", "2 Where is Mary?\tgarden\t1"))
    assert "% (true: garden)" in text


def test_a_model_that_cannot_be_looked_into_gives_no_reasons(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RelmemError("nothing to see")

    monkeypatch.setattr(reader, "weights", fail)
    text = to_markdown(told(reader, "Mary went to the kitchen.", "Where is Mary?"))
    assert "kitchen" in text.splitlines()[-1]
    assert "read from" not in text


@pytest.mark.parametrize("title", ["", "Home"])
def test_export_writes_it_under_the_title(reader: Reader, tmp_path: Path, title: str) -> None:
    session = told(reader, "Mary went to the kitchen.")
    export(session, None, tmp_path / "talk.md", title=title)
    first = (tmp_path / "talk.md").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# {title or 'A conversation with a memory network'}"
