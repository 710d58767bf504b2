from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.comparison import measure_cost
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.story_files import split_stories


def said(*lines: str) -> list[Utterance]:
    return split_stories(lines)[0]


def test_sentences_and_questions_are_timed_apart(reader: Reader) -> None:
    told = measure_cost(reader, said("Mary went to the kitchen."))
    assert told.sentence is not None
    assert told.question is None
    asked = measure_cost(reader, said("Where is Mary?"))
    assert asked.sentence is None
    assert asked.question is not None


def test_what_a_model_cannot_read_is_not_timed(stranger: Reader) -> None:
    timed = measure_cost(stranger, said("Mary went to the attic.", "Where is Zog?"))
    assert (timed.sentence, timed.question) == (None, None)
