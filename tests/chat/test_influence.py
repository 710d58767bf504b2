import pytest

from relmem_cli.chat.influence import influence


def test_a_sentence_counts_by_the_slots_it_wrote_and_their_attention() -> None:
    # by hand: 0.5*0.2 + 0.0*0.8 = 0.1; 0.25*0.2 + 0.5*0.8 = 0.45
    shares = influence([[0.5, 0.0], [0.25, 0.5]], [0.2, 0.8])
    assert shares == pytest.approx([0.1 / 0.55, 0.45 / 0.55])


def test_attention_to_relations_is_left_out() -> None:
    gates = [[1.0, 0.0], [0.0, 1.0]]
    assert influence(gates, [0.1, 0.3, 0.2, 0.4]) == pytest.approx([0.25, 0.75])


def test_shares_are_0_where_no_slot_was_opened() -> None:
    assert influence([[0.0, 0.0]], [0.5, 0.5]) == [0.0]


def test_no_sentences_have_no_shares() -> None:
    assert influence([], []) == []
