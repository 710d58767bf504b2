import time
from pathlib import Path

import pytest

from relmem_cli.chat.story.autosave import (
    KEPT,
    Autosave,
    kept_conversation,
    kept_conversations,
    latest_conversation,
)
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.errors import RelmemError


def said(*lines: str) -> list[Utterance]:
    return split_stories(lines)[0]


def test_the_last_conversation_is_found_with_its_model(tmp_path: Path) -> None:
    keeper = Autosave(tmp_path)
    keeper.keep("walks", said("Mary went to the kitchen"))
    keeper.keep("other", said("Mary went to the kitchen", "where is Mary"))
    saved = latest_conversation(tmp_path)
    assert saved.model == "other"
    assert [one.tokens for one in saved.story] == [
        ("mary", "went", "to", "the", "kitchen", "."),
        ("where", "is", "mary", "?"),
    ]


def test_only_the_user_can_read_what_is_kept(tmp_path: Path) -> None:
    Autosave(tmp_path / "new").keep("walks", said("Mary slept."))
    (file,) = (tmp_path / "new").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_chat_in_which_nothing_was_said_leaves_no_file(tmp_path: Path) -> None:
    Autosave(tmp_path).keep("walks", [])
    assert not list(tmp_path.iterdir())
    assert latest_conversation(tmp_path) is None


def test_a_story_that_was_cleared_stays_until_another_one_is_told(tmp_path: Path) -> None:
    keeper = Autosave(tmp_path)
    keeper.keep("walks", said("Mary slept."))
    keeper.keep("walks", [])
    assert [one.text for one in latest_conversation(tmp_path).story] == ["Mary slept."]
    keeper.keep("walks", said("John slept."))
    assert [one.text for one in latest_conversation(tmp_path).story] == ["John slept."]


def test_a_conversation_that_cannot_be_read_does_not_hide_an_older_one(tmp_path: Path) -> None:
    Autosave(tmp_path).keep("walks", said("Mary slept."))
    (tmp_path / "newer.json").write_text("{")
    assert latest_conversation(tmp_path).model == "walks"


@pytest.mark.parametrize("content", ["[" * 100_000, "[3]", '{"lines": 3}', "\x00"])
def test_one_that_is_no_conversation_does_not_either(tmp_path: Path, content: str) -> None:
    Autosave(tmp_path).keep("walks", said("Mary slept."))
    (tmp_path / "newer.json").write_text(content)
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    assert latest_conversation(tmp_path).model == "walks"


def test_old_conversations_make_room(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        (tmp_path / f"2026-01-01T00-00-00-{number}.json").write_text("{}")
    Autosave(tmp_path).keep("walks", said("Mary slept."))
    assert len(list(tmp_path.iterdir())) == KEPT
    assert latest_conversation(tmp_path).model == "walks"


def test_what_killed_chats_had_begun_to_write_makes_room_too(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        (tmp_path / f".2026-01-01T00-00-00-{number}.json.{number:016x}").write_text("{")
    (tmp_path / ".theirs.json.0123456789abcdef").write_text("{")
    Autosave(tmp_path).keep("walks", said("Mary slept."))
    assert len(list(tmp_path.glob(".2026*"))) == KEPT
    assert len(list(tmp_path.iterdir())) == KEPT + 2
    assert latest_conversation(tmp_path).model == "walks"


def test_what_others_keep_in_a_folder_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "conversations").symlink_to(tmp_path / "theirs")
    for number in range(KEPT + 3):
        (tmp_path / "theirs" / f"2026-01-01T00-00-00-{number}.json").write_text("{}")
        (tmp_path / f"{number}.json").write_text("{}")
    Autosave(tmp_path / "conversations").keep("walks", said("Mary slept."))
    assert len(list((tmp_path / "theirs").iterdir())) == KEPT + 4
    Autosave(tmp_path).keep("walks", said("Mary slept."))
    assert len(list(tmp_path.glob("*.json"))) == KEPT + 4


def test_what_is_written_already_is_not_written_again(tmp_path: Path) -> None:
    keeper = Autosave(tmp_path)
    keeper.keep("walks", said("Mary slept."))
    (file,) = tmp_path.iterdir()
    file.unlink()
    keeper.keep("walks", said("Mary slept."))
    assert not list(tmp_path.iterdir())
    keeper.keep("other", said("Mary slept."))
    assert latest_conversation(tmp_path).model == "other"


def test_two_chats_of_the_same_second_keep_a_file_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.gmtime", lambda: time.struct_time((2030, 1, 2, 3, 4, 5, 0, 1, 0)))
    for process in (1, 2):
        monkeypatch.setattr("os.getpid", lambda process=process: process)
        Autosave(tmp_path).keep("walks", said("Mary slept."))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"format": "relmem-chat-1"}',
        '{"format": "relmem-chat-9", "model": "walks", "lines": []}',
        '{"format": "relmem-chat-1", "model": ["walks"], "lines": []}',
        '{"format": "relmem-chat-1", "model": "walks", "lines": "Mary slept."}',
        '{"format": "relmem-chat-1", "model": "walks", "lines": [3]}',
        "[" * 100_000,
    ],
)
def test_a_damaged_conversation_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(RelmemError, match=r"a\.json cannot be gone on with"):
        latest_conversation(tmp_path)


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    Autosave(tmp_path / "file").keep("walks", said("Mary slept."))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "mine")]


def test_a_story_that_follows_a_cleared_one_leaves_that_as_it_was(tmp_path: Path) -> None:
    keeper = Autosave(tmp_path)
    keeper.keep("walks", said("Mary slept."))
    keeper.keep("walks", [])
    keeper.keep("walks", said("Mary slept."))
    keeper.keep("walks", [])
    keeper.keep("walks", said("John slept."))
    first = [one.story[0].text for one in kept_conversations(tmp_path)]
    assert first == ["John slept.", "Mary slept."]


def test_a_conversation_is_gone_on_with_in_its_file_with_its_title(tmp_path: Path) -> None:
    Autosave(tmp_path).keep("walks", said("Mary slept."), "nap")
    saved = latest_conversation(tmp_path)
    assert saved.title == "nap"
    Autosave(tmp_path, saved).keep("walks", said("Mary slept.", "John slept."), "nap")
    (saved,) = kept_conversations(tmp_path)
    assert [one.text for one in saved.story] == ["Mary slept.", "John slept."]


def test_two_chats_that_go_on_with_one_conversation_lose_nothing_of_each_other(
    tmp_path: Path,
) -> None:
    Autosave(tmp_path).keep("walks", said("Mary slept."))
    saved = latest_conversation(tmp_path)
    for name in ("John", "Anna"):
        Autosave(tmp_path, saved).keep("walks", said("Mary slept.", f"{name} slept."))
    last = [one.story[-1].text for one in kept_conversations(tmp_path)]
    assert sorted(last) == ["Anna slept.", "John slept."]


def test_a_conversation_is_found_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(RelmemError, match="no conversation is kept yet"):
        kept_conversation(tmp_path, 2)
    for name in ("Mary", "John"):
        Autosave(tmp_path).keep("walks", said(f"{name} slept."))
    assert kept_conversation(tmp_path, 2).story[0].text == "Mary slept."
    with pytest.raises(RelmemError, match="there is no conversation 3"):
        kept_conversation(tmp_path, 3)
