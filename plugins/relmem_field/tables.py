"""How the systems are trained for the tables that the paper quotes them in, and for the field."""

from collections.abc import Sequence

from relmem_cli.contract import Recipe

BEST_OF = 10
"""Table 2 quotes the best of ten seeds: MemN2N by training error, QRN by validation, as here."""

_MEMN2N = {1: "memn2n-1-hop", 2: "memn2n-2-hops", 3: "memn2n-3-hops"}


def table_recipes(field: Sequence[str], cloze: Sequence[str]) -> list[Recipe]:
    """Each variant with the settings that it names itself.

    field  the variants that read bAbI; cloze: those that answer by candidates
    """
    tenk = ("memnn", "memn2n", "entnet", "relnet")
    return [
        Recipe(
            name="field",
            summary="Every variant as it trains by itself, 1,000 questions a task.",
            variants=tuple(field),
        ),
        Recipe(
            name="cited-10k",
            summary="The systems of Tables 1 and 4 but DMN and RRN, 10,000 questions a task.",
            variants=tuple(name for name in tenk if name in field),
            settings={"data": "en-10k"},
            options={"supervision": "weak"},
        ),
        Recipe(
            name="dmn-10k",
            summary="DMN of Table 1, 10,000 questions a task, batches of 64, 30 epochs.",
            variants=("dmn",),
            settings={"data": "en-10k", "batch": 64, "epochs": 30},
        ),
        Recipe(
            name="rrn-10k",
            summary="RRN of Table 4, 10,000 questions a task, batches of 64, 30 epochs.",
            variants=("rrn",),
            settings={"data": "en-10k", "batch": 64, "epochs": 30},
        ),
        *(
            Recipe(
                name=name,
                summary=f"MemN2N of Table 2, {hops} of 3 hops.",
                variants=("memn2n",),
                options={"hops": hops},
                restarts=BEST_OF,
            )
            for hops, name in _MEMN2N.items()
        ),
        *(
            Recipe(
                name=f"qrn-{layers}r",
                summary=f"QRN of Table 2 with {layers} layers.",
                variants=("qrn",),
                options={"layers": layers},
                restarts=BEST_OF,
            )
            for layers in (2, 3)
        ),
        Recipe(
            name="cloze",
            summary="Cloze questions with candidates, for Table 3: --data cbt:FOLDER.",
            variants=tuple(cloze),
        ),
    ]
