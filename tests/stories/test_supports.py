from relmem_cli.stories.batch import encode_stories
from relmem_cli.stories.story import Question, Story, cap_story
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of


def story(*supports: tuple[int, ...], candidates: tuple[str, ...] = ()) -> Story:
    told = tuple((f"w{place}",) for place in range(5))
    asked = tuple(
        Question(text=("w0",), answer="w1", position=5, supports=each, candidates=candidates)
        for each in supports
    )
    return Story(sentences=told, questions=asked)


def batch(*stories: Story):
    vocabulary = Vocabulary.of(stories)
    return encode_stories(stories, vocabulary, sizes_of(vocabulary, stories))


def test_supports_are_filled_up_to_the_most_that_a_question_has() -> None:
    assert batch(story((3,), (0, 2)), story((1, 4, 2))).supports.tolist() == [
        [3, -1, -1],
        [0, 2, -1],
        [1, 4, 2],
    ]


def test_without_supports_and_candidates_there_are_no_columns() -> None:
    made = batch(story((), ()))
    assert made.supports.shape == made.candidates.shape == (2, 0)


def test_candidates_stand_beside_questions_without() -> None:
    made = batch(story((0,), candidates=("w1", "w3")), story((1,)))
    assert made.candidates.tolist() == [[2, 4], [0, 0]]


def test_what_is_cut_off_a_story_supports_nothing() -> None:
    (last,) = cap_story(story((0, 3)), 2)
    assert last.questions[0].supports == (0,)  # sentence 3 of five is the first of the last two
