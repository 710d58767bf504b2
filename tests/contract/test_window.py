"""A base for models that read with the question in hand: its windows, reasons and pads."""

import torch
from torch import Tensor, nn

from relmem_cli.contract.window import WindowModel, packed
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes

SIZES = Sizes(vocabulary=9, sentence_length=1, question_length=1, story_length=3)


class Reader(WindowModel):
    def __init__(self, window: int = 0) -> None:
        super().__init__(sizes=SIZES, window=window)
        self.scale = nn.Parameter(torch.ones(()))

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        return self.scale.expand(len(questions), 9)


def batch(supports: list[list[int]]) -> StoryBatch:
    """Two stories, the first with a sentence of pads inside; asked after 4, 1 and 2 sentences."""
    return StoryBatch(
        sentences=torch.tensor([[[1], [0], [2], [3], [4]], [[5], [6], [0], [0], [0]]]),
        questions=torch.tensor([[7], [7], [7]]),
        story=torch.tensor([0, 1, 1]),
        position=torch.tensor([4, 1, 2]),
        answers=torch.tensor([1, 1, 1]),
        supports=torch.tensor(supports),
    )


NAMED = [[0, 3], [0, -1], [1, 0]]


def test_a_window_has_a_questions_own_sentences_the_newest_last() -> None:
    sentences, _ = Reader().windows(batch(NAMED))
    assert sentences[..., 0].tolist() == [[1, 2, 3], [0, 0, 5], [0, 5, 6]]


def test_reasons_stand_where_their_sentences_are_in_the_order_of_the_data() -> None:
    reader = Reader()
    assert reader.supports(batch(NAMED)).tolist() == [[0, 2], [2, -1], [2, 1]]
    assert reader.supported(batch(NAMED)).tolist() == [
        [True, False, True],
        [False, False, True],
        [False, True, True],
    ]


def test_a_reason_that_is_older_than_the_window_is_none() -> None:
    reader = Reader(window=2)
    assert reader.windows(batch(NAMED))[0][..., 0].tolist() == [[2, 3], [0, 5], [5, 6]]
    assert reader.supports(batch(NAMED)).tolist() == [[-1, 1], [1, -1], [1, 0]]


def test_packed_sentences_have_their_pads_last() -> None:
    sentences, counts = packed(Reader().windows(batch(NAMED))[0])
    assert sentences[..., 0].tolist() == [[1, 2, 3], [5, 0, 0], [5, 6, 0]]
    assert counts.tolist() == [3, 1, 2]


def test_without_questions_nothing_is_looked_at() -> None:
    whole = batch(NAMED)
    none = {name: getattr(whole, name)[:0] for name in ("questions", "story", "position")}
    more = {name: getattr(whole, name)[:0] for name in ("answers", "supports")}
    assert Reader()(StoryBatch(sentences=whole.sentences, **none, **more)).shape == (0, 9)
