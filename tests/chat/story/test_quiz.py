import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.quiz import Quiz, Round
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.story_files import split_stories


def said(*lines: str) -> list[Utterance]:
    return split_stories(lines)[0]


def of(truth: str, yours: str, models: str) -> Round:
    asked = Utterance(text="?", kind=UtteranceKind.question, tokens=("?",), truth=truth)
    return Round(question=asked, yours=yours, models=models)


@pytest.mark.parametrize("yours", ["n,s", "N, S", "n s", "n,s?", "n s."])
def test_a_list_is_right_whatever_separates_it_in_any_case_and_with_a_mark(yours: str) -> None:
    assert of("n,s", yours, "").you_right
    assert not of("s,n", yours, "").you_right


def test_the_models_answer_counts_by_the_true_one_not_by_yours() -> None:
    assert not of("attic", "garden", "garden").model_right
    assert of("attic", "garden", "attic").model_right


def test_a_quiz_begins_a_story_and_tells_only_what_is_new_before_each_question(
    reader: Reader,
) -> None:
    session = Session(reader)
    session.load(said("Anna went to the attic."))
    first, second = "Mary went to the kitchen.", "John went to the attic."
    asked = ["2 Where is Mary?\tkitchen", "4 Where is John?\tattic"]
    quiz = Quiz(session, said(first, asked[0], second, asked[1]))
    assert [one.text for one in quiz.sentences] == [first]
    assert [one.text for one in session.sentences] == [first]
    quiz.answer("kitchen")
    assert [one.text for one in quiz.sentences] == [second]
    quiz.answer("nowhere")
    assert quiz.question is None
    assert quiz.score[0] == 1
