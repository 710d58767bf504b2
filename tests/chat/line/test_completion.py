from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from relmem_cli.chat.commands import SlashCommand
from relmem_cli.chat.line.completion import ChatCompleter
from relmem_cli.chat.story.word_lookup import WordLookup, follows_of
from relmem_cli.chat.story.words import near_words, typeable_words
from relmem_cli.stories.catalogue import TASKS
from relmem_cli.stories.vocabulary import Vocabulary

WORDS = Vocabulary(("<pad>", ".", "?", "garden", "gave", "mary", "went", "where"))
FOLLOWS = {
    "to the": ["garden", "hall"],
    "the": ["gave"],
    "": ["where", "mary"],
    " mary": ["went"],
    "where": ["mary"],
}


def command(name: str, completes: str = "") -> SlashCommand:
    return SlashCommand(name=name, summary="does it", run=lambda *_: None, completes=completes)


COMMANDS = [
    command("model", "model"),
    command("mark"),
    command("edit", "sentence"),
    command("load", "file"),
    command("task", "task"),
    command("compare", "models"),
    command("memory", "map"),
]

COMPLETER = ChatCompleter(
    lexicon=lambda: WordLookup(WORDS, follows_of({"follows": FOLLOWS}, WORDS)),
    commands={one.name: one for one in COMMANDS},
    models=lambda: ["entnet-1", "entnet-2", "joint"],
    sentences=lambda: ["Mary went to the garden.", "Mary slept."],
)


def offered(text: str, *, tab: bool = True) -> list[str]:
    """The whole line for each completion of its end, with Tab or by itself."""
    event = CompleteEvent(completion_requested=tab, text_inserted=not tab)
    found = COMPLETER.get_completions(Document(text), event)
    return [text[: len(text) + one.start_position] + one.text for one in found]


def test_words_that_begin_so_are_offered() -> None:
    assert offered("mary mary ga") == ["mary mary garden", "mary mary gave"]
    assert offered("mary went to the zz") == []


def test_a_menu_by_itself_has_only_what_begins_like_a_word_that_has_begun() -> None:
    assert offered("mary went to the g", tab=False) == ["mary went to the garden"]
    assert offered("mary went to the ", tab=False) == []
    assert offered("mary went to the gardn", tab=False) == []
    assert offered("mary went to the gardn") == ["mary went to the garden"]
    assert offered("/mo", tab=False) == ["/model"]


def test_words_of_the_story_are_offered_and_of_a_model_that_reads_any_words_no_others() -> None:
    lexicon = WordLookup(WORDS, follows_of({"follows": FOLLOWS}, WORDS), closed=False)
    completer = ChatCompleter(
        lexicon=lambda: lexicon,
        commands={},
        models=list,
        sentences=lambda: ["My cat is at the gate.", "Grandma slept."],
    )

    def menu(text: str, *, tab: bool = False) -> list[str]:
        event = CompleteEvent(completion_requested=tab)
        return [one.text for one in completer.get_completions(Document(text), event)]

    assert menu("where is my c") == ["cat"]
    assert menu("mary went to the g") == ["garden", "grandma", "gate"]
    assert menu("where is w") == []
    assert menu("where is w", tab=True) == ["went", "where"]
    assert menu("Gra") == ["Grandma"]


def test_a_capital_stays_a_capital() -> None:
    assert offered("Ma") == ["Mary"]


def test_every_word_is_offered_after_a_space_or_a_mark() -> None:
    assert offered("gave ") == [f"gave {word}" for word in WORDS.items[3:]]
    assert offered("where?m") == ["where?mary"]


def test_what_followed_the_same_words_in_training_is_offered_alone() -> None:
    assert offered("Mary went to the ") == ["Mary went to the garden"]
    assert offered("Take the g") == ["Take the gave"]
    assert offered("where ") == ["where mary"]
    assert offered("2 Mary ") == ["2 Mary went"]


def test_words_that_follow_nothing_are_offered_where_none_that_follow_begin_so() -> None:
    assert offered("Mary went to the m") == ["Mary went to the mary"]


def test_a_sentence_begins_with_a_capital_and_with_what_begins_one() -> None:
    assert offered("") == ["Where", "Mary"]
    assert offered("Mary went. ") == ["Mary went. Where", "Mary went. Mary"]
    assert offered("Mary went. Mary ") == ["Mary went. Mary went"]
    assert offered("Mary. Where. Mary ") == ["Mary. Where. Mary went"]


def test_an_unknown_word_is_offered_near_ones() -> None:
    assert offered("Mary went to the gardn") == ["Mary went to the garden"]
    assert offered("Marry") == ["Mary"]


@pytest.mark.parametrize("kept", [None, [], {"the": "gave"}, {"the": [1, None, ["x"]]}])
def test_a_record_that_tells_nothing_of_use_completes_every_word(kept: object) -> None:
    lexicon = WordLookup(WORDS, follows_of({"follows": kept}, WORDS))
    assert lexicon.words_beginning("take the ", "ga") == ["garden", "gave"]


def test_commands_are_offered_after_a_slash() -> None:
    assert offered("/m") == ["/model", "/mark", "/memory"]
    assert offered("/") == [f"/{one.name}" for one in COMMANDS]


def test_models_are_offered_after_the_model_command_only() -> None:
    assert offered("/model ent") == ["/model entnet-1", "/model entnet-2"]
    assert offered("/mark ent") == []
    assert offered("/nonsense ent") == []


def test_several_models_are_offered_each_once() -> None:
    assert offered("/compare j") == ["/compare joint"]
    assert offered("/compare entnet-1,ent") == ["/compare entnet-1,entnet-2"]
    assert offered("/compare joint, entnet-1 ") == ["/compare joint, entnet-1 entnet-2"]


def test_maps_are_offered_by_name() -> None:
    assert offered("/memory ") == ["/memory gates", "/memory attention", "/memory relations"]
    assert offered("/memory g") == ["/memory gates"]


def test_a_folder_ends_in_a_slash(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert offered(f"/load {tmp_path}/fo") == [f"/load {tmp_path}/folder/"]


def test_files_are_offered_where_a_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a story.txt").touch()
    (tmp_path / "other.txt").touch()
    assert offered(f"/load {tmp_path}/a s") == [f"/load {tmp_path}/a story.txt"]


def test_a_sentences_number_is_offered_then_the_words_in_its_place() -> None:
    assert offered("/edit ") == ["/edit 1", "/edit 2"]
    assert offered("/edit 2 Mary went to the g") == ["/edit 2 Mary went to the garden"]


def test_tasks_are_offered_by_number() -> None:
    assert offered("/task 2") == ["/task 2", "/task 20"]


def test_commands_are_completed_in_any_case_and_after_blanks() -> None:
    assert offered("/M") == ["/model", "/mark", "/memory"]
    assert offered("  /m") == ["  /model", "  /mark", "  /memory"]
    assert offered("/MODEL  j") == ["/MODEL  joint"]
    assert offered("/task  20") == ["/task  20"]


@pytest.mark.parametrize(
    ("typed", "meanings"),
    [
        ("/mo", ["does it"]),
        ("/edit ", ["Mary went to the garden.", "Mary slept."]),
        ("/task 20", [TASKS[20].name]),
    ],
)
def test_what_is_offered_comes_with_what_it_means(typed: str, meanings: list[str]) -> None:
    found = COMPLETER.get_completions(Document(typed), CompleteEvent(completion_requested=True))
    assert [one.display_meta_text for one in found] == meanings


def test_a_home_folder_is_written_with_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "story.txt").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert offered("/load ~/st") == ["/load ~/story.txt"]


def test_only_the_line_with_the_cursor_is_completed() -> None:
    assert offered("/model x\ngav") == ["/model x\ngave"]


def test_items_that_only_answers_have_are_not_offered_as_words() -> None:
    vocabulary = Vocabulary(("<pad>", ".", "?", "Bill", "bill", "n,s", "went"))
    assert typeable_words(vocabulary) == ["bill", "went"]
    assert near_words(vocabulary, "bil") == ["bill"]
    lists = Vocabulary(("<pad>", "ab,cde", "abc,de", "abcd,e", "abcdx"))
    assert near_words(lists, "abcde") == ["abcdx"]
