import pytest

from relmem_cli.chat.influence import influence, looked_at


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


def test_a_sentence_that_is_read_itself_counts_by_how_much_of_it_is_in_all_steps() -> None:
    assert looked_at([[0.1, 0.2], [0.1, 0.4]], 2) == pytest.approx([0.25, 0.75])


def test_forgotten_sentences_come_first_and_count_nothing() -> None:
    assert looked_at([[0.5, 0.5]], 4) == [0, 0, 0.5, 0.5]


def test_nothing_looked_at_has_no_shares() -> None:
    assert looked_at([[0.0], [0.0]], 1) == [0.0]
