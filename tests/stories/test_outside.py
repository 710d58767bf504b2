import pytest

from relmem_cli.stories.asked import asked_words
from relmem_cli.stories.batch import encode_stories
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import Sizes, Vocabulary

KNOWN = Vocabulary((PAD, "went", "where", "home"))
SIZES = Sizes(vocabulary=4, sentence_length=3, question_length=3, extra=2)


def story(*questions: Question) -> Story:
    told = (("zog", "went", "home"), ("quux", "went", "plim"), ("zog", "went", "quux"))
    return Story(sentences=told, questions=questions)


def test_words_outside_the_vocabulary_get_the_next_ids_as_they_come() -> None:
    words = StoryWords(KNOWN, 2)
    assert words.encode(["zog", "went", "quux"], 4) == [4, 1, 5, 0]
    assert words.encode(["quux", "zog"], 2) == [5, 4]
    assert [words.item(number) for number in (1, 4, 5)] == ["went", "zog", "quux"]
    assert words.id("quux") == 5


def test_words_for_which_there_is_no_room_read_as_pads() -> None:
    words = StoryWords(KNOWN, 1)
    assert words.encode(["zog", "quux", "zog"], 3) == [4, 0, 4]
    assert words.id("quux") == 0
    assert words.item(5) == ""


def test_without_extra_ids_every_unknown_word_is_a_pad() -> None:
    words = StoryWords(KNOWN, 0)
    assert words.encode(["zog", "went"], 3) == [0, 1, 0]
    assert words.outside == {}


def test_a_copy_meets_words_of_its_own() -> None:
    words = StoryWords(KNOWN, 2)
    words.encode(["zog"], 1)
    other = words.copy()
    other.encode(["quux"], 1)
    assert (list(words.outside), list(other.outside)) == (["zog"], ["zog", "quux"])


def test_answers_and_candidates_may_be_words_of_the_story() -> None:
    asked = Question(
        text=("where", "zog"), answer="quux", position=3, candidates=("home", "quux", "zog")
    )
    batch = encode_stories([story(asked)], KNOWN, SIZES)
    assert batch.sentences[0].tolist() == [[4, 1, 3], [5, 1, 0], [4, 1, 5]]
    assert batch.questions.tolist() == [[2, 4, 0]]
    assert batch.answers.tolist() == [5]
    assert batch.candidates.tolist() == [[3, 5, 4]]


def test_a_word_of_a_question_alone_is_forgotten_after_it() -> None:
    """As in chat, where a question changes nothing: what is told next has the same ids."""
    early = Question(text=("where", "plim"), answer="zog", position=1)
    late = Question(text=("where", "quux"), answer="plim", position=2)
    first, second = asked_words(story(early, late), KNOWN, SIZES)
    assert list(first.outside) == ["zog", "plim"]
    assert list(second.outside) == ["zog", "quux"]
    batch = encode_stories([story(early, late)], KNOWN, SIZES)
    assert batch.questions.tolist() == [[2, 5, 0], [2, 5, 0]]
    assert batch.answers.tolist() == [4, 0]  # there is no room for plim


def test_words_of_few_stories_are_outside_the_vocabulary() -> None:
    stories = [story(), Story(sentences=(("zog", "went"),), questions=())]
    assert Vocabulary.of(stories, rare=2).items == (PAD, "went", "zog")
    assert len(Vocabulary.of(stories)) == 6


def test_an_answer_that_is_no_candidate_is_refused() -> None:
    with pytest.raises(ValueError, match="'home' is none of the candidates"):
        Question(text=(), answer="home", position=0, candidates=("zog", "quux"))
