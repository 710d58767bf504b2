import torch
from hypothesis import given
from hypothesis import strategies as st

from relmem_cli.stories.batch import (
    collate,
    encode_stories,
    encode_story,
    group_stories,
    question_by_question,
)
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of

STORIES = [
    Story(
        sentences=(("ann", "left", "."), ("bob", "came", "back", ".")),
        questions=(
            Question(text=("who", "left", "?"), answer="Ann", position=1),
            Question(text=("who", "came", "?"), answer="Bob", position=2),
        ),
    ),
    Story(sentences=(), questions=(Question(text=("who", "?"), answer="Ann", position=0),)),
]
VOCABULARY = Vocabulary.of(STORIES)
SIZES = sizes_of(VOCABULARY, STORIES)


def test_a_story_is_held_once_with_all_of_its_questions() -> None:
    batch = encode_stories(STORIES, VOCABULARY, SIZES)
    assert batch.sentences.shape == (2, 2, 4)
    assert batch.story.tolist() == [0, 0, 1]
    assert batch.position.tolist() == [1, 2, 0]
    assert [VOCABULARY.items[i] for i in batch.answers] == ["Ann", "Bob", "Ann"]
    assert [VOCABULARY.items[i] for i in batch.sentences[0, 1]] == ["bob", "came", "back", "."]


def test_what_is_shorter_or_unknown_is_padded_with_0() -> None:
    batch = encode_stories(STORIES, VOCABULARY, SIZES)
    assert batch.sentences[0, 0, 3] == 0
    assert not batch.sentences[1].any()
    stranger = Story(
        sentences=(("zoe", "left", "."),),
        questions=(Question(text=("who", "?"), answer="Zoe", position=1),),
    )
    unknown = encode_stories([stranger], VOCABULARY, SIZES)
    assert unknown.sentences[0, 0, 0] == 0
    assert unknown.answers.tolist() == [0]


def test_no_stories_make_an_empty_batch_of_the_right_shapes() -> None:
    batch = encode_stories([], VOCABULARY, SIZES)
    assert batch.sentences.shape == (0, 0, 4)
    assert batch.questions.shape == (0, 3)
    assert batch.answers.shape == (0,)


def test_a_question_by_itself_has_the_sentences_before_it_alone() -> None:
    story = encode_story(STORIES[0], VOCABULARY, SIZES)
    alone = [collate([one], SIZES) for one in question_by_question(story)]
    assert [batch.sentences.shape for batch in alone] == [(1, 1, 4), (1, 2, 4)]
    assert [batch.position.tolist() for batch in alone] == [[1], [2]]
    assert [VOCABULARY.items[batch.answers] for batch in alone] == ["Ann", "Bob"]
    assert torch.equal(torch.cat([each.questions for each in alone]), torch.tensor(story.questions))


@given(st.lists(st.integers(1, 9), max_size=60), st.integers(1, 40), st.booleans())
def test_grouping_keeps_every_story_once_and_fills_groups(counts, size, shuffled) -> None:
    question = Question(text=("who", "?"), answer="a", position=0)
    stories = [
        Story(sentences=(("a",),) * (i % 7), questions=(question,) * n)
        for i, n in enumerate(counts)
    ]
    generator = torch.Generator().manual_seed(1) if shuffled else None
    groups = list(group_stories(stories, size, generator))
    assert sorted(id(s) for g in groups for s in g) == sorted(map(id, stories))
    filled = [sum(len(s.questions) for s in g) for g in groups]
    assert all(count < size + 9 for count in filled)
    if not shuffled:
        assert all(count >= size for count in filled[:-1])
        assert [s for g in groups for s in g] == stories


def test_the_order_of_a_shuffle_follows_its_generator() -> None:
    stories = STORIES * 20
    first, again, other = (
        [list(map(id, g)) for g in group_stories(stories, 3, torch.Generator().manual_seed(seed))]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
