"""Stories, and models in float64, for equations that are computed by hand."""

from typing import Any

import torch
from torch import Tensor, nn

from relmem_cli.contract import Variant
from relmem_cli.stories.vocabulary import Sizes

SIZES = Sizes(vocabulary=11, sentence_length=5, question_length=4, story_length=6)
STORIES = ([[1, 2, 3], [4, 5, 6, 7, 8], [2, 9]], [[3, 1, 4, 4]], [], [[5, 6], [7], [8, 9, 10], [1]])
QUESTIONS = [2, 5, 9], [10], [1, 2, 3, 4], [6, 6]


def built(variant: Variant, **options: Any) -> Any:
    """A model of the variant in float64 with random biases, too; evaluation mode."""
    torch.manual_seed(1)
    model = variant.build(SIZES, options).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
        for module in model.modules():
            if isinstance(module, nn.Embedding) and module.padding_idx == 0:
                module.weight[0] = 0
    return model


def tokens() -> tuple[Tensor, Tensor]:
    """The stories as `look` takes them, pads before the first sentence, and the questions."""
    sentences = torch.zeros(len(STORIES), 4, SIZES.sentence_length, dtype=torch.int64)
    questions = torch.zeros(len(QUESTIONS), SIZES.question_length, dtype=torch.int64)
    for number, (story, question) in enumerate(zip(STORIES, QUESTIONS, strict=True)):
        for place, sentence in enumerate(story, 4 - len(story)):
            sentences[number, place, : len(sentence)] = torch.tensor(sentence)
        questions[number, : len(question)] = torch.tensor(question)
    return sentences, questions


def gradients_agree(model: Any) -> bool:
    """Whether autograd's gradients of the logits are those of finite differences.

    In a random direction; raises where they are not.
    """

    def look(*_: Tensor) -> Any:
        return model.look(*tokens())

    parameters = tuple(model.parameters())  # which gradcheck changes in place
    return torch.autograd.gradcheck(look, parameters, rtol=1e-5, atol=1e-7, fast_mode=True)
