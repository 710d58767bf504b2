"""A slot variant behind a tiny BERT of our own making, and one with word vectors from a file."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from relmem_cli.contract.model import StoryModel
from relmem_cli.errors import UsageError
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.testing import check_variant
from relmem_field.options import SLOT_VARIANTS
from relmem_field.plugin import PRETRAINED
from relmem_variants.plugin import VARIANTS

WORDS = ["mary", "went", "to", "the", "kitchen", "bath", "##room", ".", "where", "is", "?"]
VOCABULARY = Vocabulary(("<pad>", "mary", "went", "to", "the", "kitchen", "bathroom", ".", "gone"))
SIZES = Sizes(vocabulary=len(VOCABULARY), sentence_length=6, question_length=4, story_length=5)
TOLD = (
    ("mary", "went", "to", "the", "kitchen", "."),
    ("mary", "went", "to", "the", "bathroom", "."),
)
STORIES = [Story(sentences=TOLD, questions=(), task=1)]


@pytest.fixture(scope="module", params=["bert", "albert"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    transformers = pytest.importorskip("transformers")
    path = tmp_path_factory.mktemp(request.param)
    words = path / "vocab.txt"
    words.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]) + "\n")
    tokenizer = transformers.BertTokenizerFast(vocab=str(words))
    tokenizer.save_pretrained(path)
    kind = {"bert": transformers.BertConfig, "albert": transformers.AlbertConfig}[request.param]
    config = kind(
        vocab_size=16, hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=12, embedding_size=8,
    )  # fmt: skip
    torch.manual_seed(3)
    transformers.AutoModel.from_config(config).save_pretrained(path)
    return path


def built(**options: Any) -> StoryModel[Any]:
    torch.manual_seed(1)
    small = {"slots": 3, "dim": 10} | options
    model = PRETRAINED.build(SIZES, small)
    model.prepare(VOCABULARY, STORIES)
    return model


def ids(*texts: tuple[str, ...]) -> torch.Tensor:
    return torch.tensor([[VOCABULARY.ids[word] for word in text] for text in texts])


def test_a_sentence_is_the_mean_over_what_the_encoder_makes_of_its_text(folder: Path) -> None:
    import transformers

    model = built(encoder=str(folder)).eval()
    own = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        found = [
            own(**tokenizer(" ".join(text), return_tensors="pt")).last_hidden_state[0].mean(dim=0)
            for text in TOLD
        ]
    v = torch.stack(found).double().numpy()
    centred = v - v.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1).mean()
    encoder: Any = model.encoder
    weight, bias = (each.detach().double().numpy() for each in encoder.as_sentence.parameters())
    s = encoder.sentence(ids(*TOLD)).detach().numpy()
    assert s == pytest.approx(centred @ weight.T + bias, abs=1e-4)


@pytest.mark.parametrize("tune", [False, True])
def test_what_is_pretrained_is_trained_on_only_where_it_is_tuned(folder: Path, tune: bool) -> None:
    encoder: Any = built(encoder=str(folder), tune=tune).train().encoder
    before = {name: each.clone() for name, each in encoder.bert.state_dict().items()}
    trained = [each for each in encoder.parameters() if each.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.1)
    encoder.sentence(ids(*TOLD)).square().sum().backward()
    optimizer.step()
    after = encoder.bert.state_dict()
    changed = any(not torch.equal(before[name], after[name]) for name in before)
    assert changed == tune


def test_a_model_that_is_loaded_encodes_anew(folder: Path) -> None:
    one, other = built(encoder=str(folder)).eval(), built(encoder=str(folder)).eval()
    first: Any = one.encoder
    first.sentence(ids(*TOLD))
    second: Any = other.encoder
    before = first.sentence(ids(*TOLD))
    weights = other.state_dict()
    weights["encoder.bert.embeddings.word_embeddings.weight"] *= 2
    second._known.clear()
    one.load_state_dict(weights)
    assert torch.equal(first.sentence(ids(*TOLD)), second.sentence(ids(*TOLD)))
    assert not torch.allclose(first.sentence(ids(*TOLD)), before)


@pytest.mark.parametrize("memory", SLOT_VARIANTS)
def test_every_slot_variant_conforms_behind_it(folder: Path, memory: str) -> None:
    check_variant(PRETRAINED, {"encoder": str(folder), "memory": memory, "slots": 3, "dim": 6})


def test_without_one_it_is_the_slot_variant_itself() -> None:
    by_name = {each.name: each for each in VARIANTS}
    for memory in SLOT_VARIANTS:
        model = built(memory=memory)
        torch.manual_seed(1)
        alike = {"slots": 3, "dim": 10, **({"hops": 1} if memory == "multi-hop" else {})}
        own = by_name[memory].build(SIZES, alike).state_dict()
        assert own.keys() == model.state_dict().keys()
        assert all(torch.equal(own[name], each) for name, each in model.state_dict().items())


@pytest.mark.parametrize("tune", [False, True])
def test_word_vectors_keep_the_angles_between_them(tmp_path: Path, tune: bool) -> None:
    rng = np.random.default_rng(0)
    vectors = {word: rng.normal(size=4) for word in VOCABULARY.ids if word not in ("<pad>", "gone")}
    file = tmp_path / "vectors.txt"
    lines = [f"{word} {' '.join(map(repr, map(float, each)))}\n" for word, each in vectors.items()]
    file.write_text("unheard 1 2 3 4\n" + "".join(lines))
    model = built(vectors=str(file), tune=tune)
    encoder: Any = model.encoder
    assert ("encoder.words" in dict(model.named_parameters())) == tune
    wanted = np.stack(list(vectors.values()))
    wanted = wanted - wanted.mean(axis=0)
    words = encoder.words[[VOCABULARY.ids[word] for word in vectors]].detach().double().numpy()
    scale = (words @ words.T)[0, 0] / (wanted @ wanted.T)[0, 0]
    assert words @ words.T == pytest.approx(scale * wanted @ wanted.T, abs=1e-5)
    assert not encoder.words[0].any()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mary 1 2\nwent 1\n", "line 2 of"),
        ("mary 1 x\n", "is no word and its numbers"),
        ("nobody 1 2\n", "for none of the 9 words"),
        ("mary" + " 1" * 11 + "\n", "set dim to that or more"),
    ],
)
def test_a_damaged_file_of_vectors_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text(text)
    with pytest.raises(UsageError, match=says):
        built(vectors=str(file))


def test_a_folder_that_is_not_there_or_no_encoder_is_refused(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "none", "no folder"), (tmp_path, "is no folder of a pre")):
        with pytest.raises(UsageError, match=says):
            built(encoder=str(path))


def test_without_transformers_it_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UsageError, match=r"relmem\[pretrained\]"):
        built(encoder=str(folder))
