"""How the papers trained their systems, and the errors that they published; light."""

from collections.abc import Mapping
from typing import Any

from relmem_cli.contract import Recipe

SUKHBAATAR: Mapping[str, Any] = {
    "optimizer": "sgd",
    "learning_rate": 0.16,  # 0.005 (with a linear start) times 32: the paper's loss is a sum
    "schedule": "halving",
    "halve_every": 45,  # 20 epochs of linear start, then every 25
    "epochs": 120,
    "patience": 120,
    "clip": 1.25,  # 40, of the sum over 32
    "batch": 32,
    "shuffle": "questions",
}
"""Section 4.2 of arXiv 1503.08895, in the terms of a mean over a batch."""

SEO: Mapping[str, Any] = {
    "optimizer": "adagrad",
    "learning_rate": 0.5,
    "schedule": "halving",  # which their code does and the paper does not say
    "halve_every": 100,
    "l2": 0.001,
    "clip": 0.0,
    "epochs": 500,
    "patience": 50,
    "shuffle": "questions",
}
"""As the authors of arXiv 1606.04582 train QRN."""

_NOT_LINEAR = {"learning_rate": 0.32, "halve_every": 25, "epochs": 100, "patience": 100}
"""What MemN2N has otherwise without a linear start."""

_PLUS: Mapping[str, Any] = {
    "plus": True,
    "passes": 3,
    "episode": "gru",
    "dim": 80,
    "dropout": 0.1,
    "gate_loss": 0.0,
}
_ALL_RIGHT = {str(task): 0.0 for task in range(1, 21)}
_DMN = _ALL_RIGHT | {
    "2": 1.8, "3": 4.8, "5": 0.7, "7": 3.1, "8": 3.5, "10": 2.5, "11": 0.1, "13": 0.2, "16": 0.6,
    "17": 40.4, "18": 4.7, "19": 65.5,
}  # fmt: skip
_DMN_PLUS = _ALL_RIGHT | {
    "2": 0.3, "3": 1.1, "5": 0.5, "7": 2.4, "14": 0.2, "16": 45.3, "17": 4.2, "18": 2.1,
}  # fmt: skip


def by_task(errors: str) -> dict[str, float]:
    """Percent by task, from a table's column of all twenty."""
    return {str(task): float(error) for task, error in enumerate(errors.split(), 1)}


def memn2n(suffix: str, summary: str, published: str, **options: Any) -> Recipe:
    """A column of Table 1 of arXiv 1503.08895: three hops, adjacent tying, a model a task."""
    return Recipe(
        name=f"sukhbaatar{suffix}",
        summary=f"MemN2N's paper: SGD, halved every 25 of 100 epochs; {summary}.",
        variants=("memn2n",),
        settings=SUKHBAATAR if options["linear"] else {**SUKHBAATAR, **_NOT_LINEAR},
        options={"hops": 3, "tying": "adjacent", **options},
        published={"memn2n": by_task(published)},
    )


RECIPES = [
    memn2n(
        "",
        "linear start, noise",
        "0 8.3 40.3 2.8 13.1 7.6 17.3 10 13.2 15.1 0.9 0.2 0.4 1.7 0 1.3 51 11.1 82.8 0",
        encoding="position",
        linear=0.17,
        noise=0.1,
    ),
    memn2n(
        "-ls",
        "linear start",
        "0.2 12.8 58.8 11.6 15.7 8.7 20.3 12.7 17 18.6 0 0.1 0.3 2 0 1.6 49 10.1 85.6 0",
        encoding="position",
        linear=0.17,
        noise=0.0,
    ),
    memn2n(
        "-pe",
        "position encoding",
        "0.1 21.6 64.2 3.8 14.1 7.9 21.6 12.6 23.3 17.4 4.3 0.3 9.9 1.8 0 52.1 50.1 13.6 87.4 0",
        encoding="position",
        linear=0.0,
        noise=0.0,
    ),
    memn2n(
        "-bow",
        "bags of words",
        "0.6 17.6 71 32 18.3 8.7 23.5 11.4 21.1 22.8 4.1 0.3 10.5 1.3 24.3 52 45.4 48.1 89.7 0.1",
        encoding="bag",
        linear=0.0,
        noise=0.0,
    ),
    Recipe(
        name="weston",
        summary="MemNN by supporting facts; published with n-grams and a non-linear match.",
        variants=("memnn",),
        options={"hops": 3, "supervision": "strong"},
        published={"memnn": by_task("0 0 0 0 2 0 15 9 0 2 0 0 0 1 0 0 35 5 64 0")},
    ),
    Recipe(
        name="weston-wsh",
        summary="MemNN without supporting facts: words in common instead.",
        variants=("memnn",),
        options={"hops": 2, "supervision": "weak"},
        published={
            "memnn": by_task(
                "0.1 42.8 76.4 40.3 16.3 51 36.1 37.8 35.9 68.7 30 10.1 19.7 18.3 64.8 50.5 50.9 "
                "51.3 100 3.6"
            )
        },
    ),
    Recipe(
        name="seo",
        summary="AdaGrad at 0.5, l2 0.001, 500 epochs; the best of ten seeds.",
        variants=("qrn",),
        settings=SEO,
        restarts=10,
        options={"layers": 2, "gates": "scalar", "reset": True},
        published={"qrn": {"2": 0.7, "3": 5.7, "4": 0.0, "5": 1.1}},
    ),
    Recipe(
        name="kumar",
        summary="Gates that are taught the supporting facts; a weighted sum of facts.",
        variants=("dmn",),
        options={"plus": False, "episode": "soft", "gate_loss": 1.0},
        published={"dmn": _DMN},
    ),
    Recipe(
        name="xiong",
        summary="DMN+ at 10,000 questions: Adam at 0.001, batches of 128, 256 epochs.",
        variants=("dmn",),
        settings={
            "data": "en-10k",
            "learning_rate": 0.001,
            "schedule": "constant",
            "batch": 128,
            "epochs": 256,
            "patience": 20,
        },
        restarts=10,
        options=_PLUS,
        published={"dmn": _DMN_PLUS},
    ),
]
"""By name; the published ones are Table 1 of arXiv 1503.08895, at 1,000 questions."""
