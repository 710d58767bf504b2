"""What a picture holds is asked of its figure: to save it takes longer than all else."""

from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.story.turns import Reason, Why
from relmem_cli.chat.view.plot import MOST_LABELS, draw_maps, draw_why


def labels(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def heat(rows: int, columns: int, **more) -> HeatMap:
    values = tuple(tuple(2.0 + row + column for column in range(columns)) for row in range(rows))
    return HeatMap(name="costs $5", values=values, rows="sentence", columns="slot", **more)


def test_a_map_has_its_labels_from_1_and_a_scale_from_0() -> None:
    drawn = draw_maps(
        [heat(2, 3, row_labels=("Mary slept.", "a$b"), column_labels=("x", "y", "z"))]
    )
    axes = drawn.axes[0]
    assert labels(axes.yaxis) == ["1 Mary slept.", r"2 a\$b"]
    assert labels(axes.xaxis) == ["1 x", "2 y", "3 z"]
    assert axes.images[0].get_clim() == (0, 5)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("slot", "sentence")
    assert axes.get_title(loc="left") == r"costs \$5"


def test_the_scale_beside_a_small_map_is_wide_enough_to_be_seen() -> None:
    drawn = draw_maps([heat(2, 2), heat(12, 20)])
    drawn.draw_without_rendering()
    inches = drawn.get_size_inches()[0]
    for scale in drawn.axes[2:]:
        assert 0.09 < scale.get_position().width * inches < 0.4


def test_of_many_rows_every_tenth_has_its_number_and_the_picture_stays_in_bounds() -> None:
    count = MOST_LABELS + 1
    drawn = draw_maps([heat(count, 2, row_labels=("long",) * count), heat(300, 150)])
    assert labels(drawn.axes[0].yaxis) == ["1", "11", "21", "31", "41", "51", "61"]
    assert max(drawn.get_size_inches()) < 50


def test_reasons_are_bars_in_percent_from_the_first_sentence_down() -> None:
    asked = Utterance(text="Where?", kind=UtteranceKind.question, tokens=("where", "?"))
    told = [
        Utterance(text=t, kind=UtteranceKind.sentence, tokens=(t, ".")) for t in ("One.", "Two.")
    ]
    shares = (0.75, 0.25)
    drawn = draw_why(
        Why(
            question=asked,
            answer=Answer(answer="home", probability=1.0, alternatives=(), unknown=(), seconds=0.0),
            reasons=tuple(
                Reason(said=each, share=share, words=())
                for each, share in zip(told, shares, strict=True)
            ),
        )
    )
    axes = drawn.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [75, 25]
    assert labels(axes.yaxis) == ["1 One.", "2 Two."]
    assert axes.yaxis_inverted()
    assert axes.get_title(loc="left") == "Where?  home"
