import io
from typing import Any

from rich.console import RenderableType

from relmem_cli.chat.story.answers import Given
from relmem_cli.chat.story.comparison import Compared, Comparison, Cost
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.quiz import Round
from relmem_cli.chat.view.chat_tables import comparison_table, cost_table, quiz_round, quiz_score
from relmem_cli.chat.view.theme import Theme, styled_console


def shown(what: RenderableType, **options: Any) -> str:
    file = io.StringIO()
    styled_console(Theme.dark, file=file, width=80, **options).print(what)
    return file.getvalue()


def asked(truth: str = "") -> Utterance:
    return Utterance(text="Where?", kind=UtteranceKind.question, tokens=("where", "?"), truth=truth)


def row(*answers: str | None, truth: str = "") -> Compared:
    """Each model is surer than the one before."""
    given = tuple(a and Given(a, 0.5 + place / 10) for place, a in enumerate(answers))
    return Compared(question=asked(truth), answers=given)  # type: ignore[arg-type]


def table(*rows: Compared, **options: Any) -> str:
    found = Comparison(names=("one", "two"), rows=rows, unread=((), ()))
    return shown(comparison_table(found, right="yes", wrong="no"), **options)


def test_models_agree_where_they_give_the_same_answer_however_sure_they_are() -> None:
    text = table(row("home", "home"), row("home", "bed"), row("home", None))
    assert "all agree on 1 of 3" in text


def test_answers_are_right_by_the_true_one_and_unmarked_where_there_is_none() -> None:
    line = table(row("home", "bed", truth="bed")).splitlines()[2]
    assert line.split() == ["Where?", "home", "50%", "no", "bed", "60%", "yes"]
    assert table(row("home", "bed")).splitlines()[2].split()[-1] == "60%"


def test_a_model_that_has_gone_without_sentences_is_told_of() -> None:
    unread = (asked(), asked(), asked())
    found = Comparison(names=("one", "two"), rows=[row("home", "bed")], unread=((), unread))
    lines = shown(comparison_table(found, right="yes", wrong="no")).splitlines()
    assert lines[-1].strip() == "two cannot read 'Where?' and 2 more"
    assert "one cannot" not in "".join(lines)


def test_an_answer_other_than_the_first_models_stands_out() -> None:
    text = table(row("home", "bed"), force_terminal=True, color_system="standard", no_color=False)
    assert "\x1b[32mhome" in text
    assert "\x1b[33mbed" in text


def test_costs_are_in_milliseconds_and_a_long_name_takes_several_lines() -> None:
    name = "relation-transformer-without-end"
    cost = Cost(name=name, variant="gru", parameters=1234, sentence=0.001, question=0.0025)
    lines = [line.split() for line in shown(cost_table([cost])).splitlines()[2:]]
    assert lines[0][1:] == ["gru", "1,234", "1.00", "ms", "2.50", "ms"]
    parts = [line[0] for line in lines if line]
    assert "".join(parts) == name
    assert max(map(len, parts)) <= 16


def test_an_empty_answer_is_called_nothing_and_the_true_one_is_told() -> None:
    missed = Round(question=asked("home"), yours="", models="home")
    assert shown(quiz_round(missed, right="yes", wrong="no")).split() == (
        ["no", "you:", "nothing", "yes", "the", "model:", "home", "true:", "home"]
    )
    known = Round(question=asked("home"), yours="home", models="bed")
    assert "true: home" in shown(quiz_round(known, right="yes", wrong="no"))


def test_who_has_more_right_answers_wins() -> None:
    said = [shown(quiz_score(*score, 3, over=True)).strip() for score in ((2, 1), (1, 2), (1, 1))]
    assert [text.partition(":")[0] for text in said] == ["you win", "the model wins", "a draw"]
    assert "you 2, the model 1, of 3" in said[0]
