from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.comparison import compare, measure_cost
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.story_files import split_stories


def said(*lines: str) -> list[Utterance]:
    return split_stories(lines)[0]


def test_a_question_that_is_asked_and_answered_again_is_compared_once(reader: Reader) -> None:
    asked = ("Mary went to the kitchen.", "Where is Mary?", "Where is Mary?")
    moved = ("Mary went to the attic.", "Where is Mary?")
    found = compare(said(*asked, *moved), [reader])
    assert [row.answers[0].answer for row in found.rows if row.answers[0]] == ["kitchen", "attic"]


def test_what_a_model_goes_without_is_told(reader: Reader, stranger: Reader) -> None:
    story = said("Mary went to the kitchen.", "Zog slept.", "Where is Mary?")
    unread = compare(story, [reader, stranger]).unread
    assert [[one.text for one in each] for each in unread] == [["Zog slept."]] * 2


def test_a_model_that_could_read_nothing_of_the_story_answers_nothing(
    reader: Reader, stranger: Reader
) -> None:
    story = said("Mary went to the attic.", "Where is Mary?")
    (row,) = compare(story, [reader, stranger]).rows
    assert row.answers[0] is not None
    assert row.answers[1] is None
    (row,) = compare([*said("Mary went to the kitchen."), *story], [reader, stranger]).rows
    assert None not in row.answers


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
