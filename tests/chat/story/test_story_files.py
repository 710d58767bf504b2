import io

import pytest

from relmem_cli.chat.story.story_files import split_stories, stories_in, to_babi
from relmem_cli.errors import RelmemError, UsageError


def test_a_story_is_written_with_its_true_answers_from_line_1() -> None:
    (story,) = split_stories(["1 Mary slept.", "2 Where is Mary?\tbed\t1", "Who is Mary"])
    assert to_babi(story) == "1 Mary slept.\n2 Where is Mary?\tbed\n3 Who is Mary?\t\n"


def test_a_file_that_is_too_large_is_refused_and_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relmem_cli.chat.story.story_files.LARGEST", 1 << 20)
    file = io.BytesIO(b"Mary slept.\n" * (1 << 18))
    with pytest.raises(RelmemError, match="big is larger than 1 MB"):
        stories_in(file, "big")
    assert file.tell() <= (1 << 20) + 1


def test_bad_utf8_and_a_byte_order_mark_do_not_stop_it() -> None:
    (story,) = stories_in(io.BytesIO(b"\xef\xbb\xbf1 Mary slept.\n2 \xff ran.\n"), "file")
    assert [said.tokens[0] for said in story] == ["mary", "\ufffd"]
    assert story[0].begins_story


def test_a_command_in_a_story_is_named_by_its_line() -> None:
    with pytest.raises(UsageError, match="line 2: /undo"):
        split_stories(["Mary slept.", "/undo"])
