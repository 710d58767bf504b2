"""What several of the systems make of sentences."""

import torch

from relmem_field.sentences import stories


def test_questions_whose_sentences_begin_the_next_ones_share_a_story() -> None:
    ordered = torch.tensor([
        [[1, 2], [0, 0], [0, 0]],
        [[1, 2], [3, 0], [0, 0]],
        [[1, 2], [3, 4], [5, 0]],  # its second sentence goes on where the one above ends
        [[6, 0], [0, 0], [0, 0]],
    ])  # fmt: skip
    longest, which = stories(ordered)
    assert longest.tolist() == ordered[1:].tolist()
    assert which.tolist() == [0, 0, 1, 2]
    for some in (ordered[:0], ordered[:1]):
        longest, which = stories(some)
        assert (len(longest), len(which)) == (len(some), len(some))
