"""What a slot alone would be answered with: the chart "contents" against the model's own answer."""

from typing import Any

import pytest
import torch

from relmem_cli.plugins import registry
from relmem_cli.stories.vocabulary import Sizes

SIZES = Sizes(vocabulary=11, sentence_length=4, question_length=4)
PARTS = {"entnet": 1, "multi-hop": 1, "self-memory": 1, "relation-slot": 2, "all-relations": 1}


def read(variant: str) -> tuple[Any, Any]:
    """A model of random weights with three slots, and its state after two sentences."""
    torch.manual_seed(3)
    options = registry().variants[variant].defaults() | {"dim": 6, "slots": 3}
    if "hops" in options:
        options["hops"] = 1
    model = registry().variants[variant].build(SIZES, options).eval()
    state = model.begin(1)
    for words in ([1, 2, 3, 0], [4, 5, 3, 0]):
        state = model.read(state, torch.tensor([words]))
    return model, state


@pytest.mark.parametrize("variant", ["entnet", "multi-hop", "self-memory", "relation-slot"])
@torch.inference_mode()
def test_contents_are_the_answer_where_all_that_is_attended_to_is_that_row(variant: str) -> None:
    model, state = read(variant)
    blank = torch.zeros(1, 4, dtype=torch.int64)
    shown = model.explain(state, blank)["contents"]
    vectors = [state.memory[0]] + ([state.relation[0]] if PARTS[variant] == 2 else [])
    assert shown.values.shape[0] == 3 * PARTS[variant]
    for row, vector in enumerate(torch.cat(vectors)):
        alike = {name: vector.expand(1, 3, -1) for name in ("memory", "relation")[: len(vectors)]}
        logits = model.answer(state._replace(**alike), blank)[0, 1:]
        p = torch.softmax(logits, dim=0)
        columns = torch.tensor(shown.column_labels) - 1
        assert torch.allclose(shown.values[row], p[columns], atol=1e-5)
        assert int(p.argmax()) in columns


@pytest.mark.parametrize("variant", list(PARTS))
@torch.inference_mode()
def test_contents_do_not_depend_on_the_question(variant: str) -> None:
    model, state = read(variant)
    charts = [model.explain(state, torch.tensor([words])) for words in ([1, 2, 0, 0], [6, 7, 8, 0])]
    assert torch.equal(charts[0]["contents"].values, charts[1]["contents"].values)
