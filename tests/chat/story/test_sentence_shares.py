import math

import pytest

from relmem_cli.chat.story.session import sentence_shares


def test_a_sentence_counts_by_the_weights_of_its_words() -> None:
    # by hand: 1 + 2 = 3 and 0.5 + 0.5 = 1 of 4
    assert sentence_shares([[1.0, 2.0], [0.5, 0.5]]) == pytest.approx([0.75, 0.25])


def test_shares_are_0_where_no_word_weighs_anything() -> None:
    assert sentence_shares([[0.0, 0.0], []]) == [0.0, 0.0]


def test_shares_are_0_where_the_models_numbers_overflowed() -> None:
    assert sentence_shares([[math.nan], [1.0]]) == [0.0, 0.0]
    assert sentence_shares([[math.inf], [1.0]]) == [0.0, 0.0]


def test_no_sentences_have_no_shares() -> None:
    assert sentence_shares([]) == []
