import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmem_cli.stories.story import Question, Story, cap_story


def story_of(length: int, positions: list[int]) -> Story:
    return Story(
        sentences=tuple((f"s{i}", ".") for i in range(length)),
        questions=tuple(
            Question(text=("who", "?"), answer=str(p), position=p, supports=tuple(range(p)))
            for p in positions
        ),
    )


def test_a_story_within_the_cap_is_left_as_it_is() -> None:
    story = story_of(5, [2, 5])
    assert cap_story(story, 5) == [story]


def test_a_question_beyond_the_cap_sees_the_latest_sentences() -> None:
    near, far = cap_story(story_of(8, [2, 7]), 3)
    assert near.sentences == (("s0", "."), ("s1", "."), ("s2", "."))
    assert [q.position for q in near.questions] == [2]
    assert far.sentences == (("s4", "."), ("s5", "."), ("s6", "."))
    assert far.questions[0].position == 3
    assert far.questions[0].supports == (0, 1, 2)


@given(st.lists(st.integers(0, 30), min_size=1).map(sorted), st.integers(1, 12))
def test_capping_loses_no_question_and_keeps_each_ones_window(positions, cap) -> None:
    story = story_of(30, positions)
    capped = cap_story(story, cap)
    asked = [(q, s) for s in capped for q in s.questions]
    assert [q.answer for q, _ in asked] == [q.answer for q in story.questions]
    for question, part in asked:
        end = int(question.answer)
        assert (
            part.sentences[: question.position]
            == story.sentences[max(0, end - cap) : end][-question.position or 30 :]
            or question.position == end
        )


def test_a_cap_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="cap is 0"):
        cap_story(story_of(1, [1]), 0)
