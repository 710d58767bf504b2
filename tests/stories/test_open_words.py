"""Words outside an open vocabulary are told apart within a story, and answers said in words."""

import numpy as np
import pytest

from relmem_cli.stories.asked import open_sizes, story_words
from relmem_cli.stories.batch import encode_story, said_so_far, word_by_word
from relmem_cli.stories.open_words import OpenWords
from relmem_cli.stories.story import Question, Story, in_clauses
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import END, END_ID, SAID_ID, Vocabulary

NAMES = {"mary", "john", "park", "apple", "milk", "bus", "stop"}


def told(*lines: str, ask: str = "", answer: str = "") -> Story:
    sentences = tuple(tuple(tokenize(line)) for line in lines)
    question = Question(text=tuple(tokenize(ask)), answer=answer, position=len(lines))
    return Story(sentences=sentences, questions=(question,) if ask else ())


STORY = told(
    "Mary went to the park.",
    "Mary took the apple and the milk.",
    "The waiting room is near the bus stop.",
    ask="What is Mary carrying?",
    answer="apple,milk",
)


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.of_open([STORY], names=NAMES | {"waiting", "room"}, bank=0)


def items(words: OpenWords, text: str, *, is_sentence: bool = True) -> list[str]:
    return [words.item(i) for i in words.encode(tokenize(text), 20, is_sentence=is_sentence) if i]


def test_names_are_no_items_and_lemmas_are(vocabulary: Vocabulary) -> None:
    assert vocabulary.is_open
    assert {"go~", "take~", "carry~", "the", "what"} <= set(vocabulary.items)
    assert not NAMES & set(vocabulary.items)
    assert vocabulary.answers == {END}


def test_a_bank_stands_for_open_words() -> None:
    bank = Vocabulary.of_open([STORY], names=NAMES, bank=5)
    assert (bank.bank, bank.closed) == (5, len(bank) - 5)
    words = story_words(bank, open_sizes(bank, [STORY], 0))
    first = words.encode(tokenize("Alice went to the zoo"), 8)
    assert first[0] == bank.closed
    assert first[4] == bank.closed + 1
    for number in range(9):
        words.encode([f"name{number}x"], 1)
    assert words.encode(["onemorename"], 1) == [0]  # there are no more
    more = story_words(bank, open_sizes(bank, [STORY], 0), any_number=True)
    last = [more.encode([f"name{number}x"], 1)[0] for number in range(30)][-1]
    assert last == bank.closed + 29


def test_the_same_name_has_the_same_id_and_another_another(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    first = words.encode(tokenize("Alice went to the zoo."), 5)
    assert words.encode(tokenize("Bob went to the zoo."), 5)[1:] == first[1:]
    assert words.encode(tokenize("Bob went to the zoo."), 5)[0] != first[0]
    assert words.copy().encode(tokenize("alice"), 1) == first[:1]


def test_neighbours_are_one_name_whose_last_word_means_it_too(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    told = items(words, "Alice is near the city bus stop.")
    assert told == ["alice", "is", "near", "the", "city bus stop"]
    assert items(words, "Where is the stop?", is_sentence=False)[-1] == "city bus stop"
    assert items(words, "Is Alice happy?", is_sentence=False) == ["is", "alice", "happy"]
    assert items(words, "She saw a cup of tea")[-1] == "cup of tea"


def test_a_name_is_shown_with_its_owner(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    assert items(words, "My sister took Tom's bike") == [
        "my sister", "take~", "tom", "tom's bike"
    ]  # fmt: skip
    assert items(words, "Where is the bike?", is_sentence=False)[-1] == "tom's bike"
    assert words.id("my sister") == words.id("sister") != 0
    assert words.id("tom's bike") == words.id("the bike") != 0


def test_an_owner_without_a_name_is_read_as_one_with_a_name(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    near = items(words, "Ann's car is near the park.")[2:]
    for text, owner in (
        ("The dentist's car is near the park.", "dentist"),
        ("A friend's car is near the park.", "friend"),
        ("My old uncle's car is near the park.", "my old uncle"),
    ):
        found = items(words, text)
        assert found[0] == owner
        assert found[2:] == near
    assert items(words, "I saw my aunt's farm.")[-2:] == ["my aunt", "my aunt's farm"]
    where = "Where is {} farm?"
    for whose in ("my aunt's", "the aunt's", "the"):
        assert items(words, where.format(whose), is_sentence=False)[-1] == "my aunt's farm"


WITH_SIZES = Vocabulary.of_open(
    [STORY, told("The box is bigger than the small bag.", ask="Who is bigger?", answer="box")],
    names=NAMES | {"box", "bag"},
    bank=0,
)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("Ann is older than Tom.", "ann is big than tom"),
        ("Tom is younger than Ann.", "tom is small than ann"),
        ("The car is more expensive than the bike.", "the car is big than the bike"),
        ("The bike is less expensive than the car.", "the bike is small than the car"),
        ("Ann is happier.", "ann is big"),
        ("The older brother is tall.", "the older brother is tall"),
        ("The hill is higher than the hut.", "the hill is higher than the hut"),
    ],
)
def test_a_comparison_is_read_as_one_of_sizes(told: str, read: str) -> None:
    assert " ".join(items(OpenWords(WITH_SIZES, None), told)) == read


def test_whoever_is_older_is_the_oldest() -> None:
    words = OpenWords(WITH_SIZES, None)
    items(words, "Ann is older than Tom.")
    highest = items(words, "Who is the oldest?", is_sentence=False)
    assert items(words, "Who is older?", is_sentence=False) == highest
    assert items(words, "Who is older than Tom?", is_sentence=False)[-3:] == ["big", "than", "tom"]


def test_sizes_are_asked_of_what_fits_into_what() -> None:
    words = OpenWords(WITH_SIZES, None)
    pen = words.encode(tokenize("The pen fits in the cap."), 4)[1]
    assert pen in words.encode(tokenize("Is the cap bigger than the pen?"), 7, is_sentence=False)
    assert pen not in words.encode(tokenize("Is the cap older than the pen?"), 7, is_sentence=False)


def test_a_second_scale_is_no_more_of_the_first() -> None:
    words = OpenWords(WITH_SIZES, None)
    ann, *_, tom = words.encode(tokenize("Ann is older than Tom."), 5)
    before = words.copy()
    assert words.encode(tokenize("Is Tom younger than Ann?"), 5, is_sentence=False)[1] == tom
    other = words.encode(tokenize("Tom is taller than Ann."), 5)
    assert not {ann, tom} & set(other)
    assert [words.item(one) for one in other] == ["tom", "is", "big", "than", "ann"]
    asked = words.encode(tokenize("Is Ann shorter than Tom?"), 5, is_sentence=False)
    assert asked[1::3] == [other[4], other[0]]
    assert tom in words.encode(tokenize("Where is Tom?"), 5, is_sentence=False)
    assert "big" in items(before, "Who is the oldest?", is_sentence=False)
    assert "big" not in items(before, "Who is the tallest?", is_sentence=False)
    assert words.version != before.version


def test_a_name_may_begin_with_a_known_word_where_it_has_no_article() -> None:
    words = Vocabulary.of_open([STORY, told("The new park is north.")], names=NAMES, bank=0)
    assert items(OpenWords(words, None), "Mary went to New York.")[-1] == "new york"
    assert items(OpenWords(words, None), "North Korea is near the park.")[0] == "north korea"
    assert items(OpenWords(words, None), "Mary went to the new york.")[-2:] == ["new", "york"]
    known = OpenWords(words, None)
    items(known, "Mary went to New York.")
    assert items(known, "Is Mary in New York?", is_sentence=False)[-1] == "new york"


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Mary took 2.", True),
        ("Mary took two more.", True),
        ("Mary gave him two.", True),
        ("Two fell down.", True),
        ("Mary took one to the park.", True),
        ("Mary took two of them.", False),
        ("Mary took two plums.", False),
        ("Mary came at 5.", False),
        ("Mary took the one on the left.", False),
    ],
)
def test_a_number_without_a_noun_is_of_what_was_counted_last(text: str, counted: bool) -> None:
    known = OpenWords(WITH_NUMBERS, None)
    assert items(known, "Mary had six coins.")[-1] == "coins"
    assert ("coins" in items(known, text)) is counted
    nothing = len(items(OpenWords(WITH_NUMBERS, None), text))
    assert len(items(known, text)) == nothing + counted


def test_how_many_is_of_what_was_counted_last() -> None:
    known = OpenWords(WITH_NUMBERS, None)
    before = known.copy()
    items(known, "Mary had six coins.")
    assert known.version != before.version
    for text in ("How many did Mary take?", "How many are left?"):
        assert items(known, text, is_sentence=False)[:3] == ["how", "many", "coins"]
        assert "coins" not in items(before, text, is_sentence=False)
    assert "coins" not in items(known, "How many are in the park?", is_sentence=False)


WITH_NUMBERS = Vocabulary.of_open(
    [
        STORY,
        told(
            "Mary took one of two and gave him two more, at the left.",
            "Mary had six, and five fell down.",
            ask="How many are left?",
            answer="two",
        ),
    ],
    names=NAMES,
    bank=0,
)


def test_somebody_may_be_called_by_a_known_word() -> None:
    known = Vocabulary.of_open(
        [told("Will you rob Mary, who will go?"), told("Mary went.", ask="Where?", answer="x")],
        names={"mary"},
        bank=0,
    )
    words = OpenWords(known, None)
    assert "will" not in words.outside
    items(words, "Will went to Mary.")
    will = words.outside["will"]
    assert will == words.id("Will")
    for text in ("Where is Will?", "Mary met Will.", "Will and Mary went.", "Is Will with Mary?"):
        assert will in words.encode(tokenize(text), 8, is_sentence=False), text
    for text in ("Mary will go.", "Will Mary go?", "Where will Mary go?"):
        assert will not in words.encode(tokenize(text), 8, is_sentence=False), text
    asked = words.encode(tokenize("Where will Will go?"), 8, is_sentence=False)
    assert asked[1:3] == [known.ids["will"], will]
    for text, told_of in (("Mary and Rob went.", True), ("Mary went and will rob.", False)):
        words = OpenWords(known, None)
        items(words, text)
        assert ({"will", "rob"} & words.outside.keys() != set()) is told_of, text


def test_a_name_that_may_be_a_verb_is_none_where_it_was_told(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    items(words, "Mark took the apple.")
    assert items(words, "Where can I find Mark?", is_sentence=False)[-1] == "mark"


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        (["Tom is in.", "He took it.", "Then he took it."], "tom take~"),
        (["Tom is in.", "He took it.", "Tom took it.", "Then he took it."], "take~"),
        (["Tom is in.", "He took it.", "and took it."], "and tom take~"),
        (["Tom is in.", "and took it."], "and take~"),
        (["Tom's mum is in.", "She took it.", "She took it."], "tom's mum take~"),
        (["Tom's bag is in.", "He took it.", "He took it."], "tom take~"),
        (["My aunt is in.", "She took it in the park.", "She took it."], "my aunt take~"),
        (["Tom is in Rome.", "He was in Oslo.", "He took it."], "tom take~"),
        (["Tom gave it to Ann.", "She took it.", "She took it."], "take~"),
        (["Tom gave it to Ann.", "She gave it to Kim."], "ann <verb> to kim"),
        (["Tom gave Ann the pen.", "Then she gave it to Kim."], "ann <verb> to kim"),
        (["Tom gave the pen to my aunt.", "She gave it to Kim."], "my aunt <verb> to kim"),
        (["Tom gave it to Ann.", "He gave her tea."], "<verb> her tea"),
        (["Tom gave it to Ann.", "It was late.", "He gave it to Kim."], "<verb> to kim"),
        (["Tom is in.", "He met Ann.", "He took it."], "take~"),
        (["Tom is in.", "He took it.", "She took it.", "He took it."], "take~"),
        (["Tom and Ann are in.", "He took it.", "He took it."], "take~"),
        (["Tom is in.", "He took it.", "It was late.", "He took it."], "take~"),
        (["Tom is in.", "I took it.", "He took it."], "take~"),
    ],
)
def test_a_second_pronoun_in_a_row_is_whom_the_first_one_meant(
    vocabulary: Vocabulary, lines: list[str], read: str
) -> None:
    words = OpenWords(vocabulary, None)
    *before, last = lines
    for line in before:
        items(words, line)
    asked = words.copy()
    items(asked, "Where is she?", is_sentence=False)
    assert words.version == asked.version
    found = items(words, last)
    assert " ".join(found) == read
    assert len(asked.places(tokenize(last))) == len(found)


def test_whom_somebody_has_is_called_by_name(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    words.encode(tokenize("My boss Karen went to the park."), 20)
    karen = words.outside["karen"]
    for mention in ("My boss went.", "Karen went.", "Where is my boss Karen?"):
        assert karen in words.encode(tokenize(mention), 20)
    words.encode(tokenize("His boss Tom went."), 20)
    assert karen in words.encode(tokenize("Where is my boss?"), 20, is_sentence=False)


def test_what_two_people_have_is_not_the_same(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    items(words, "My car is near the park. ")
    items(words, "Tom's car is near the bus stop.")
    assert items(words, "Where is my car?", is_sentence=False)[-1] == "my car"
    assert items(words, "Where is Tom's car?", is_sentence=False)[-1] == "tom's car"
    assert items(words, "Where is the car?", is_sentence=False)[-1] == "tom's car"  # the latest
    assert words.id("my car") != words.id("tom's car")
    words = OpenWords(vocabulary, None)
    items(words, "Tom took the kite.")
    assert items(words, "Where is his kite?", is_sentence=False)[-1] == "kite"
    assert items(words, "Where is Tom's kite?", is_sentence=False)[-1] == "kite"


def test_a_word_for_a_time_ends_a_name(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    assert items(words, "last night Ann went")[-2:] == ["ann", "go~"]
    assert items(words, "in 2019 Ann went")[-2:] == ["ann", "go~"]


def test_a_noun_of_common_phrases_is_a_name_where_it_says_where() -> None:
    known = Vocabulary.of_open([told("Mary took the bus to bed.")], names={"mary"}, bank=0)
    assert {"bus", "bed"} <= set(known.items)
    words = OpenWords(known, None)
    assert items(words, "Mary was on the bus.")[-1] == "bus"
    assert "bus" in words.outside
    assert "bus" in items(words, "Who is on the bus?", is_sentence=False)
    assert words.id("bus") == words.outside["bus"]
    assert "bed" not in words.outside
    for text in ("Mary is under the bed again.", "Mary is under the bed right now."):
        assert "bed" in items(words, text)
    assert "bed" in words.outside
    closed = OpenWords(known, None)
    for text in ("Mary took the bus.", "Mary came in a bus.", "Mary waited for the bus."):
        closed.encode(tokenize(text), 20)
    assert set(closed.outside) == {"mary"}
    closed.encode(tokenize("Mary is under Tom's bed."), 20)
    assert {"tom", "tom's bed"} <= set(closed.outside)
    assert closed.id("bus") == known.ids["bus"]


def test_a_name_is_looked_up_as_it_is_shown(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    shown = items(words, "Mary took the 1,000 coins")[-1]
    assert "," not in shown  # between the words of an answer
    assert words.item(words.id(shown)) == shown


def test_what_is_said_of_all_of_a_kind_is_shown_as_one(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    assert items(words, "All sheep are by wolves") == ["sheep", "is", "wolf"]
    words = OpenWords(vocabulary, None)
    assert items(words, "Mary took the oranges")[-1] == "oranges"
    assert items(words, "The mice are near the park")[1] == "mice"


def test_an_unknown_verb_is_read_as_one_and_an_adverb_left_out(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    assert items(words, "Alice quickly vanished") == ["alice", "<verb>"]


def test_every_id_knows_its_tokens(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    tokens = tokenize("Alice's at the city bus stop.")
    assert words.places(tokens) == [(0,), (0,), (2,), (3, 4, 5)]  # "at" is not known


def test_a_path_is_said_in_letters() -> None:
    known = Vocabulary.of_open(
        [told("The hut is north of the mill.", ask="How do you go there?", answer="n,w")],
        names={"hut", "mill"},
        bank=0,
    )
    words = OpenWords(known, None)
    assert {words.id(letter) for letter in "nw"} == {known.ids["n"], known.ids["w"]}


def test_answers_are_said_word_by_word(vocabulary: Vocabulary) -> None:
    sizes = open_sizes(vocabulary, [STORY], 20)
    story = encode_story(STORY, vocabulary, sizes)
    words = OpenWords(vocabulary, None)
    for sentence in STORY.sentences:
        words.encode(sentence, 20)
    apple, milk = words.id("apple"), words.id("milk")
    assert story.spelled.tolist() == [[apple, milk]]
    steps = word_by_word(story, ends=5)
    assert steps.answers.tolist() == [apple, milk, END_ID]
    asked = np.count_nonzero(steps.questions[0])
    assert steps.questions[2][asked:].tolist()[:3] == [SAID_ID, apple, milk]
    assert (steps.position == 3).all()


def test_an_answer_outside_the_story_is_not_learned(vocabulary: Vocabulary) -> None:
    strange = told("Mary went to the park.", ask="Where is Mary?", answer="moon")
    sizes = open_sizes(vocabulary, [STORY, strange], 20)
    steps = word_by_word(encode_story(strange, vocabulary, sizes), ends=1)
    assert not len(steps.answers)


def test_words_said_so_far_never_leave_the_question() -> None:
    assert said_so_far(np.array([7, 8, 9]), [4]).tolist() == [7, SAID_ID, 4]


def test_of_more_words_than_a_question_has_places_the_last_are_kept() -> None:
    assert said_so_far(np.array([7, 8]), [3, 4, 5]).tolist() == [4, 5]


def test_clauses_keep_positions_and_reasons() -> None:
    whole = Story(
        sentences=(("tom", "left,", "then", "ann", "came", "."), ("bob", "slept", ".")),
        questions=(Question(text=("who", "?"), answer="bob", position=1, supports=(0,)),),
    )
    parted = in_clauses(whole)
    assert len(parted.sentences) == 3
    assert (parted.questions[0].position, parted.questions[0].supports) == (2, (0, 1))


def test_copies_share_names_and_go_on_each_in_its_own_way(vocabulary: Vocabulary) -> None:
    words = OpenWords(vocabulary, None)
    first = words.encode(tokenize("Alice took the bus stop sign"), 8)[0]
    one, other = words.copy(), words.copy()
    zoo = one.encode(tokenize("zoo"), 1)
    pier = other.encode(tokenize("pier"), 1)
    assert zoo == pier  # the next id, in stories of their own
    assert (one.text(zoo), other.text(pier)) == ("zoo", "pier")
    assert (one.id("pier"), other.id("zoo")) == (0, 0)
    assert one.id("alice") == other.id("alice") == words.id("alice") == first
    assert one.id("sign") == words.id("sign") != 0
    assert "zoo" not in words.outside
