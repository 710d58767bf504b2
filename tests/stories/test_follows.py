from relmem_cli.stories.follows import MOST, contexts, follows
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize


def told(*lines: str) -> list[Story]:
    """One story that tells each line, or asks it."""
    tokens = [tuple(tokenize(line)) for line in lines]
    asked = tuple(Question(text=t, answer="", position=0) for t in tokens if t[-1] == "?")
    return [Story(sentences=tuple(t for t in tokens if t[-1] != "?"), questions=asked)]


def test_the_most_frequent_word_comes_first() -> None:
    found = follows(told("go home.", "go away.", "go away."))
    assert found["go"] == ["away", "home"]


def test_a_context_of_two_words_tells_apart_what_one_does_not() -> None:
    found = follows(
        told("run to the attic.", "run to the attic.", "take the milk.", "take the milk.")
    )
    assert found["to the"] == ["attic"]
    assert found["take the"] == ["milk"]
    assert found["the"] == ["attic", "milk"]


def test_a_context_of_two_words_that_says_no_more_than_one_is_left_out() -> None:
    assert "run to" not in follows(told("run to town.", "run to town."))


def test_the_start_of_a_line_is_a_context_of_its_own() -> None:
    found = follows(told("mary slept.", "where is mary?", "mary slept.", "tell mary more."))
    assert found[""] == ["mary", "tell", "where"]
    assert found[" mary"] == ["slept"]


def test_of_too_many_contexts_those_seen_most_are_kept(monkeypatch) -> None:
    monkeypatch.setattr("relmem_cli.stories.follows.MOST_CONTEXTS", 2)
    found = follows(told("go up.", "go up.", "go up.", "run on.", "run on."))
    assert found == {"": ["go", "run"], "go": ["up"]}


def test_questions_count_and_end_marks_do_not() -> None:
    found = follows(told("where is mary?", "where is mary?", "who is it."))
    assert found["is"] == ["mary", "it"]
    assert "mary" not in found


def test_a_context_that_was_seen_once_is_not_kept() -> None:
    assert follows(told("mary slept.")) == {}


def test_no_context_keeps_more_words_than_the_most() -> None:
    lines = [f"go {chr(97 + n)}." for n in range(MOST + 5)]
    assert len(follows(told(*lines))["go"]) == MOST


def test_contexts_are_looked_up_from_the_narrowest() -> None:
    assert contexts([]) == ("",)
    assert contexts(["mary"]) == (" mary", "mary")
    assert contexts(["mary", "went", "to"]) == ("went to", "to")


def test_only_known_words_and_contexts_of_them_are_kept() -> None:
    found = follows(told("mary went to town.", "mary went to town."), {"went", "to"}.__contains__)
    assert found == {"went": ["to"]}
