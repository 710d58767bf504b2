"""A conversation with a model that reads any names: undo, why and memory know them."""

import pytest
import torch

from relmem_cli.chat.model.answerable import Answerable
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.memory_maps import memory_maps
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.spelling import guess_spellings
from relmem_cli.chat.story.story_files import split_stories, to_babi
from relmem_cli.chat.story.words import LONGEST_SAID, as_read, parse_typed
from relmem_cli.chat.story.words_by_role import words_by_role
from relmem_cli.contract import Kernels
from relmem_cli.plugins import registry
from relmem_cli.stories.asked import open_sizes
from relmem_cli.stories.open_words import OpenWords
from relmem_cli.stories.story import in_clauses
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import END, OTHER_VERB, SAID, Vocabulary
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.checkpoints import TrainedModel
from relmem_cli.world.kinds import KINDS
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.open_vocabulary import open_words
from relmem_cli.world.phrases import load_style
from relmem_cli.world.story_stream import as_story, tell_stories
from relmem_cli.world.teller import Voice
from tests.chat.test_repl import Talk


@pytest.fixture(scope="module")
def reader() -> Reader:
    """A model that has learned nothing; it answers all the same."""
    voice = Voice(lexicon=load_lexicon("everyday"), style=load_style("everyday"))
    stories = [
        in_clauses(as_story(story, kind.name))
        for kind, questions in ((MIXTURE, 400), (KINDS["20"], 60))
        for story in tell_stories(kind, voice, seed=0, questions=questions)
    ]
    vocabulary = Vocabulary.of_open(stories, names=open_words(), bank=0)
    sizes = open_sizes(vocabulary, stories, 20)
    options = {"dim": 48, "heads": 3, "capacity": 16}  # heads that any machine has kernels for
    torch.manual_seed(0)
    model = registry().variants["open-transformer"].build(sizes, options).eval()
    model.prepare(vocabulary, stories)
    card = ModelCard(
        variant="open-transformer", options=options, sizes=sizes, vocabulary=vocabulary, record={}
    )
    return Reader(TrainedModel(card=card, model=model), name="fresh")


def heard(reader: Reader, line: str) -> list[Utterance]:
    found = parse_typed(line, reader.vocabulary)
    assert isinstance(found, list)
    return found


def tell(session: Session, *lines: str) -> Session:
    for line in lines:
        for said in heard(session.reader, line):
            session.say(said)
    return session


def test_nothing_is_refused_for_its_words(reader: Reader) -> None:
    session = tell(Session(reader), "Zork vanished!?", "Grue-some Übung №5 ate 17 «ideas»; sadly.")
    assert all(turn.read for turn in session.turns)


def test_a_line_that_tells_two_things_is_two_sentences(reader: Reader) -> None:
    said = heard(reader, "I'm at work and my wife's at the gym. Where is she")
    assert [one.text for one in said] == [
        "I'm at work", "and my wife's at the gym", "Where is she",
    ]  # fmt: skip
    assert [one.kind for one in said] == [
        UtteranceKind.sentence,
        UtteranceKind.sentence,
        UtteranceKind.question,
    ]


def test_a_list_of_things_is_told_one_by_one(reader: Reader) -> None:
    said = heard(reader, "Dad took the mug, the Pen and his glasses.")
    assert [one.text for one in said] == [
        "Dad took the mug", "Dad took the Pen", "Dad took his glasses",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Picked up the keys and drove home", "i picked up the keys ."),
        ("just got to the ward", "just i got to the ward ."),
        ("Found money on the street.", "i found money on the street ."),
        ("Rose left the kitchen", "rose left the kitchen ."),
        ("Drew is at home", "drew is at home ."),
        ("Used cars are cheap", "used cars are cheap ."),
        ("Broken Hill is far", "broken hill is far ."),
        ("Left is right", "left is right ."),
        ("Did the dog leave", "did the dog leave ?"),
    ],
)
def test_what_nobody_is_named_to_have_done_was_done_by_who_tells_it(
    reader: Reader, typed: str, read: str
) -> None:
    assert " ".join(heard(reader, typed)[0].tokens) == read


def test_an_answer_names_only_what_was_told(reader: Reader) -> None:
    session = tell(Session(reader), "Zork took the flugelhorn.", "Where is Bob?")
    answer = session.turns[-1].answer
    assert answer is not None
    tell_stories = {"zork", "flugelhorn", ""} | reader.vocabulary.answers
    assert {
        word for item in (answer.answer, *dict(answer.alternatives)) for word in item.split(",")
    } <= tell_stories


def test_undo_forgets_a_name_and_redo_brings_it_back(reader: Reader) -> None:
    session = tell(Session(reader), "Zork went to the pier.", "Grue went to the zoo.")
    before = reader.answer(session.state, heard(reader, "Where is Grue?")[0])
    session.undo()
    tell(session, "Quux went to the barn.", "Where is Quux?")
    assert session.turns[-1].answer is not None
    assert "grue" not in {item for item, _ in session.turns[-1].answer.alternatives}
    session.undo()
    tell(session, "Grue went to the zoo.")
    again = reader.answer(session.state, heard(reader, "Where is Grue?")[0])
    assert (again.answer, again.probability) == (before.answer, pytest.approx(before.probability))


@pytest.mark.parametrize("kernels", [Kernels.auto, Kernels.reference])
def test_why_weighs_the_tokens_as_they_were_typed(
    reader: Reader, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader._model, "kernels", kernels)
    session = tell(Session(reader), "My sister's at the city tram stop.", "Where is she?")
    why = session.why()
    (reason,) = why.reasons
    tokens = reason.said.tokens
    assert tokens == ("my", "sister's", "at", "the", "city", "tram", "stop", ".")
    weights = dict(zip(tokens, reason.words, strict=True))
    assert weights["city"] == weights["tram"] == weights["stop"] > 0
    assert weights["."] == 0
    assert sum(reason.words) > 0


def test_memory_shows_which_sentences_were_read_of_a_long_story(reader: Reader) -> None:
    lines = [f"Name{chr(97 + i % 26)}x went to the place{chr(97 + i % 24)}y." for i in range(40)]
    session = tell(Session(reader), *lines, "Where is Namecx?")
    maps = memory_maps(session)
    assert len(maps["attention"].values[0]) == 40
    read = [sum(step[i] for step in maps["attention"].values) > 0 for i in range(40)]
    assert read[2]
    assert sum(read) <= 16
    assert "relations" not in maps


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("my wife dorve to the gym", {"dorve": "drove"}),
        ("Tom went home and Ann dorve to teh park", {"dorve": "drove", "teh": "the"}),
        ("whree is tom", {"whree": "where"}),
        ("Ann went to the park", {}),
        ("Zork went to the xylotheque", {}),
        ("Nad drove to the park", {}),
        ("Ann, Heidi and Bob went to the park", {}),
        ("Selma is at home", {}),
        ("teh cat is at home", {"teh": "the"}),
        ("where is theo", {}),
    ],
)
def test_misspelt_verbs_and_function_words_are_guessed(
    reader: Reader, typed: str, read: dict[str, str]
) -> None:
    assert guess_spellings(tokenize(typed), reader.vocabulary) == read


def test_a_word_with_the_same_letters_goes_before_one_that_lacks_some() -> None:
    vocabulary = Vocabulary(("<pad>", "<end>", "<said>", "<verb>", "dive~", "drive~", "the", "to"))
    typed = tokenize("my wife dorve to the gym")
    assert guess_spellings(typed, vocabulary) == {"dorve": "drove"}  # dived is "dove" too


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("wheer is Tom", UtteranceKind.question),
        ("wheer is Tom.", UtteranceKind.sentence),
        ("teh cat is home", UtteranceKind.sentence),
    ],
)
def test_a_misspelt_word_that_asks_makes_a_question(
    reader: Reader, typed: str, kind: UtteranceKind
) -> None:
    (said,) = heard(reader, typed)
    assert said.kind is kind
    assert said.tokens[-1] == ("?" if kind is UtteranceKind.question else ".")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Tom is at the bar! He went home.", ["tom is at the bar! .", "he went home ."]),
        ("Tom went home… Ann left", ["tom went home… .", "ann left ."]),
        ("Tom went home—Ann left", ["tom went home, .", "ann left ."]),
        ("Tom left - he is in the hut", ["tom left, .", "he is in the hut ."]),
        (
            "Mr. Smith went home. Where is Dr. Who?",
            ["mr . smith went home .", "where is dr . who ?"],
        ),
        ("In the kitchen Tom met Ann", ["in the kitchen, tom met ann ."]),
        ("On Monday Ann left", ["on monday, ann left ."]),
        ("At Tom's house Ann slept", ["at tom's house, ann slept ."]),
        ("At my friend Tom's house", ["at my friend tom's house ."]),
        ("Rose and Tom are here", ["rose and tom are here ."]),
        ("Took the bus home", ["i took the bus home ."]),
        ("3 Took the bus home.", ["took the bus home ."]),
        ("In front of Tom Ann sat", ["in front of tom ann sat ."]),
        ("2 dogs are here", ["2 dogs are here ."]),
        ("2 Mary went home.", ["mary went home ."]),
    ],
)
def test_what_is_typed_is_parted_into_sentences(
    reader: Reader, typed: str, read: list[str]
) -> None:
    found = parse_typed(typed, reader.vocabulary, typed=True)
    assert isinstance(found, list)
    assert [" ".join(said.tokens) for said in found] == read


def test_a_capital_in_a_sentence_is_no_misspelt_word(reader: Reader) -> None:
    (said,) = heard(reader, "I think that Tarek home")
    assert said.read_as == ()


def test_one_step_of_undo_is_a_sentence_as_it_was_typed(reader: Reader) -> None:
    session = tell(Session(reader), "Ann is here.", "Tom took the cup, the mug and the jug.")
    assert len(session.sentences) == 4
    assert len(session.undo().gone) == 3
    assert [said.text for said in session.sentences] == ["Ann is here."]
    assert len(session.redo().came) == 3
    session.edit(2, *heard(reader, "Tom took the hat and the coat."))
    tell_stories = [said.text for said in session.sentences]
    assert tell_stories == [
        "Ann is here.", "Tom took the hat", "Tom took the coat", "Tom took the mug",
        "Tom took the jug",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "Took the bus to the park.",
        "My wife dorve to the park.",
        "In the kitchen Tom took the milk and left.",
        "Ann flew from Oslo to Rome.",
        "Who is older, Tom or Ann?",
        "Is Ann at home or at work?",
    ],
)
def test_a_story_that_was_saved_is_the_same_story(reader: Reader, line: str) -> None:
    story = heard(reader, line)
    saved = to_babi(story).splitlines()
    for again in (
        split_stories(saved, reader.vocabulary)[0],
        as_read(split_stories(saved)[0], reader.vocabulary),
    ):
        assert [said.tokens for said in again] == [said.tokens for said in story]
        assert [said.versus for said in again] == [said.versus for said in story]
    assert all(word in to_babi(story) for word in line.split() if word in ("Ann", "Tom", "Oslo"))


def answers(reader: Reader, *lines: str) -> set[str]:
    """All that could be answered."""
    state = reader.begin()
    *tell_stories, asked = [said for line in lines for said in heard(reader, line)]
    for said in tell_stories:
        state = reader.read(state, said)
    words = state.words
    ids = reader._encode(asked, words.copy())
    allowed = reader._allowed(asked, words, ids).tolist()
    return {words.item(number) for number in allowed}


def test_which_of_two_is_older_is_whether_the_first_one_is(reader: Reader) -> None:
    session = tell(Session(reader), "Ann is older than Tom.", "Tom is older than Kim.")
    tell(session, "Is Tom older than Ann?")
    yes_or_no = session.turns[-1].answer
    tell(session, "Who is older, Tom or Ann?")
    either = session.turns[-1].answer
    assert yes_or_no
    assert either
    names = {"yes": "tom", "no": "ann"}
    assert either.answer == names.get(yes_or_no.answer, yes_or_no.answer)
    assert either.probability == pytest.approx(yes_or_no.probability)
    assert session.why().reasons
    session.among = ("tom", "ann", "kim")
    tell(session, "Who is older, Tom or Ann?")
    assert session.turns[-1].answer
    assert session.turns[-1].answer.answer in ("tom", "ann")
    assert session.why().reasons


def test_an_answer_is_something_that_the_story_names(reader: Reader) -> None:
    assert {"unknown", "yes", "two", "nobody"} <= answers(reader, "Ann left.", "Who saw Bob?")
    assert not answers(reader, "Ann left.", "Who saw Bob?") & {"kitchen", "bedroom", "bob", "<end>"}
    assert answers(reader, "Ann left.", "Is Bob here?") == {"yes", "no", "maybe", "unknown"}
    assert "ann" in answers(reader, "Ann left.", "Who left?")
    assert "ann" not in answers(reader, "Ann left.", "Where is Ann?")
    assert {"ann", "bob"} <= answers(reader, "Ann and Bob left.", "Did Ann or Bob leave?")
    assert "kitchen" in answers(reader, "Ann is in the kitchen.", "Where is Ann?")


def test_where_somebody_wants_something_what_they_want_need_not_be_told() -> None:
    items = ("<pad>", END, SAID, OTHER_VERB, "hungry", "kitchen", "tired", "yes")
    vocabulary = Vocabulary(items, frozenset({END, "hungry", "kitchen", "tired", "yes"}))
    answerable = Answerable(vocabulary)
    words = OpenWords(vocabulary, None)
    yes, kitchen, hungry = (vocabulary.ids[item] for item in ("yes", "kitchen", "hungry"))
    assert answerable.ids_for(words, []) == [yes]
    words.encode(["hungry"], 1)
    assert answerable.ids_for(words, []) == [hungry, kitchen, yes]


@pytest.mark.parametrize(
    ("asked", "whether"),
    [
        ("Is Ann sick?", True),
        ("Did Ann take the cup?", True),
        ("Is Ann or Tom sick?", False),
        ("Is there anything here, and what's it?", False),
        ("Can you see Ann?", False),
        ("Where is Ann?", False),
    ],
)
def test_what_is_asked_by_yes_or_no_is_answered_so(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, asked: str, whether: bool
) -> None:
    monkeypatch.setattr(reader, "best", 99)
    answer = tell(Session(reader), "Ann is sick. Tom is here.", asked).turns[-1].answer
    assert answer is not None
    given = {answer.answer.split(",")[0], *(one.answer for one in answer.alternatives)}
    assert (given <= {"yes", "no", "maybe", "unknown"}) is whether


def test_why_knows_a_name_with_a_comma(reader: Reader) -> None:
    session = tell(Session(reader), "Tom took the 1,000 coins.", "What does Tom have?")
    assert session.why().reasons


def test_a_name_on_a_second_scale_is_answered_once_and_explained(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "best", 99)
    told = "Tom is here. Ann is here. The box is bigger than the bag. Tom is older than Ann."
    session = tell(Session(reader), told, "Who is older than Ann?")
    answer = session.turns[-1].answer
    assert answer is not None
    given = [answer.answer, *(one.answer for one in answer.alternatives)]
    assert len(given) == len(set(given))
    assert "tom" in given
    assert "ann" not in given
    assert session.why().reasons


@pytest.mark.parametrize("typed", ["quit.", "Undo", "help."])
def test_the_name_of_a_command_alone_is_no_sentence(reader: Reader, typed: str) -> None:
    talk = Talk(reader)
    assert f"The command is /{typed.lower().strip('.')}." in talk.say(typed)
    assert not talk.repl.session.turns
    assert talk.waiting[-1] == ""


@pytest.mark.parametrize("typed", ["hello", "Thanks!", "asdfgh"])
def test_one_word_tells_nothing(reader: Reader, typed: str) -> None:
    talk = Talk(reader)
    assert "one word tells nothing" in talk.say(typed)
    assert not talk.repl.session.turns


def test_words_are_those_that_people_use(reader: Reader) -> None:
    groups = words_by_role(reader.card)
    words = {word for group in groups.values() for word in group}
    assert "i" in groups["function words"]
    assert not {"n", "e", "s", "w"} & words


def test_a_sentence_without_end_is_read_in_time_that_grows_with_its_length(reader: Reader) -> None:
    """One that took minutes: grammar was looked for in each of its words by all the others."""
    for line in ("desk?" * 20_000, "Adrian." * 20_000, "the desk and " * 20_000):
        for said in heard(reader, line):
            assert len(reader.tokens(said)) <= LONGEST_SAID
            if said.kind is UtteranceKind.question:
                reader.check(said)
                reader.answer(reader.begin(), said)
            else:
                reader.read(reader.begin(), said)
