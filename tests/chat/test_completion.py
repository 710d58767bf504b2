from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from relmem_cli.chat.completion import ChatCompleter
from relmem_cli.chat.words import near_words, typeable
from relmem_cli.stories.vocabulary import Vocabulary

COMPLETER = ChatCompleter(
    words=lambda: ["garden", "gave", "mary"],
    commands={"model": "another model", "mark": "something else", "quit": "leave"},
    models=lambda: ["entnet-1", "entnet-2", "joint"],
)


def offered(text: str) -> list[str]:
    """The whole line for each completion of its end."""
    found = COMPLETER.get_completions(Document(text), CompleteEvent(completion_requested=True))
    return [text[: len(text) + one.start_position] + one.text for one in found]


def test_words_that_begin_so_are_offered() -> None:
    assert offered("Mary went to the ga") == ["Mary went to the garden", "Mary went to the gave"]
    assert offered("Mary went to the z") == []


def test_a_capital_stays_a_capital() -> None:
    assert offered("Ma") == ["Mary"]


def test_every_word_is_offered_after_a_space_or_a_mark() -> None:
    assert offered("the ") == ["the garden", "the gave", "the mary"]
    assert offered("where?m") == ["where?mary"]


def test_commands_are_offered_after_a_slash() -> None:
    assert offered("/m") == ["/model", "/mark"]
    assert offered("/") == ["/model", "/mark", "/quit"]


def test_models_are_offered_after_the_model_command_only() -> None:
    assert offered("/model ent") == ["/model entnet-1", "/model entnet-2"]
    assert offered("/quit ent") == []


def test_only_the_line_with_the_cursor_is_completed() -> None:
    assert offered("/model x\nga") == ["/model x\ngarden", "/model x\ngave"]


def test_items_that_only_answers_have_are_not_offered_as_words() -> None:
    vocabulary = Vocabulary(("<pad>", ".", "?", "Bill", "bill", "n,s", "went"))
    assert typeable(vocabulary) == ["bill", "went"]
    assert near_words(vocabulary, "bil") == ["bill"]
