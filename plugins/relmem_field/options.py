"""The variants' options; light, for a plugin's module is read at every start."""

from dataclasses import dataclass
from math import inf

from relmem_field.checks import counts, fraction, one_of


@dataclass(frozen=True, kw_only=True)
class MemN2NOptions:
    """Of MemN2N.

    dim       length of a memory
    hops      how often it looks
    tying     of the matrices between hops: adjacent or layerwise
    encoding  of the words of a sentence: position, or bag for their plain sum
    memories  how many of the latest sentences are kept
    noise     the share of empty memories put in among a training story's sentences
    linear    the share of the epochs, at the start, in which attention has no softmax
    """

    dim: int = 20
    hops: int = 3
    tying: str = "adjacent"
    encoding: str = "position"
    memories: int = 50
    noise: float = 0.1
    linear: float = 0.17

    def __post_init__(self) -> None:
        counts(self, "dim", "hops", "memories")
        one_of(self, "tying", "adjacent", "layerwise")
        one_of(self, "encoding", "position", "bag")
        fraction(self, "noise", "linear")


@dataclass(frozen=True, kw_only=True)
class QrnOptions:
    """Of QRN.

    dim          length of a query
    layers       how often the query is reduced
    gates        scalar: one for a sentence; vector: one for each of its components
    reset        whether there is a reset gate
    forget_bias  of 1 - z, the part of the query that is kept, at first
    memories     how many of the latest sentences are kept, as in the authors' code
    """

    dim: int = 50
    layers: int = 2
    gates: str = "scalar"
    reset: bool = True
    forget_bias: float = 2.5
    memories: int = 50

    def __post_init__(self) -> None:
        counts(self, "dim", "layers", "memories")
        one_of(self, "gates", "scalar", "vector")


@dataclass(frozen=True, kw_only=True)
class DmnOptions:
    """Of DMN and DMN+.

    dim        length of a fact, a question and a memory
    passes     how often the sentences are read
    plus       whether it is DMN+
    episode    of the sentences of a pass: gru, read one after another, or soft, their weighted sum
    dropout    the part of the numbers of words (DMN+: sentences) and answers left out in training
    gate_loss  weight of the gates' cross-entropy with the supporting facts, 0 for none
    first      the share of the epochs, at the start, in which these alone are learned
    """

    dim: int = 80
    passes: int = 5
    plus: bool = False
    episode: str = "soft"
    dropout: float = 0.2
    gate_loss: float = 1.0
    first: float = 0.4

    def __post_init__(self) -> None:
        counts(self, "dim", "passes")
        one_of(self, "episode", "gru", "soft")
        fraction(self, "dropout", "first")
        if self.gate_loss < 0:
            raise ValueError(f"gate_loss is {self.gate_loss}; it must be at least 0")


@dataclass(frozen=True, kw_only=True)
class NseOptions:
    """Of NSE.

    dim       length of a word; a memory is twice as long
    steps     how often query and story are read, at most
    adaptive  whether it decides how often; otherwise a gate decides what is kept of the query
    memory    of the story's sentences, from which an answer is chosen, or words, one of which it is
    dropout   the part of the numbers of words and answers that are left out in training
    """

    dim: int = 32
    steps: int = 3
    adaptive: bool = True
    memory: str = "sentences"
    dropout: float = 0.1

    def __post_init__(self) -> None:
        counts(self, "dim", "steps")
        one_of(self, "memory", "sentences", "words")
        fraction(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class MemNNOptions:
    """Of MemNN.

    dim          length of a fact
    hops         how many facts it looks for; 0 for three with strong supervision, as many as any
                 question of bAbI's needs, and two with weak, as the paper has it
    margin       by which what is right ranks above what is wrong
    supervision  strong, by the facts that the data set names, or weak, by words in common
    """

    dim: int = 50
    hops: int = 0
    margin: float = 0.1
    supervision: str = "strong"

    def __post_init__(self) -> None:
        counts(self, "dim")
        counts(self, "hops", least=0)
        one_of(self, "supervision", "strong", "weak")
        if not self.margin > 0:
            raise ValueError(f"margin is {self.margin}; it must be above 0")

    @property
    def lookups(self) -> int:
        """How many facts are looked for."""
        return self.hops or (3 if self.supervision == "strong" else 2)


@dataclass(frozen=True, kw_only=True)
class AoaOptions:
    """Of the AoA reader.

    dim      length of a word's vector
    hidden   length of a GRU's state
    dropout  of word vectors
    """

    dim: int = 48
    hidden: int = 48
    dropout: float = 0.1

    def __post_init__(self) -> None:
        counts(self, "dim", "hidden")
        fraction(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class EpiOptions:
    """Of EpiReader.

    dim        length of a word's vector
    hidden     length of a GRU's state
    proposals  K: how many candidates the Extractor proposes
    filters    N_F: of each convolution
    width      m: words that a filter sees, an odd number
    margin     gamma: how far ahead of the others the answer is to be
    weight     lambda: of that against the Extractor's own loss
    dropout    of the Extractor's word vectors
    """

    dim: int = 48
    hidden: int = 48
    proposals: int = 5
    filters: int = 32
    width: int = 3
    margin: float = 0.04
    weight: float = 50.0
    dropout: float = 0.1

    def __post_init__(self) -> None:
        counts(self, "dim", "hidden", "proposals", "filters", "width")
        fraction(self, "margin", "dropout")
        if self.width % 2 == 0:
            raise ValueError(f"width is {self.width}; it must be odd")
        if not self.weight >= 0:
            raise ValueError(f"weight is {self.weight}; it must be at least 0")


@dataclass(frozen=True, kw_only=True)
class LstmOptions:
    """Of the LSTM.

    dim       length of a word's vector
    hidden    length of h and c
    language  how much a word of the text weighs in the loss against an answer; 1 in the paper
    best      how many words are tried with what follows the blank, where no candidates are named
    dropout   of word vectors and of h where words are predicted
    """

    dim: int = 50
    hidden: int = 50
    language: float = 0.0
    best: int = 10
    dropout: float = 0.1

    def __post_init__(self) -> None:
        counts(self, "dim", "hidden", "best")
        fraction(self, "dropout")
        if not 0 <= self.language <= 1:
            raise ValueError(f"language is {self.language}; it must be from 0 to 1")


@dataclass(frozen=True, kw_only=True)
class KneserNeyOptions:
    """Of the n-gram model.

    order  how many words an n-gram has at most
    room   how many n-grams, and words before them, there are places for
    cache  what the story's own words weigh before training
    """

    order: int = 5
    room: int = 300_000
    cache: float = 0.9

    def __post_init__(self) -> None:
        counts(self, "order", "room")
        if not 0 < self.cache < 1:
            raise ValueError(f"cache is {self.cache}; it must lie between 0 and 1")


@dataclass(frozen=True, kw_only=True)
class GroupOptions:
    """Of group-relations: those of relation-slot, and how many slots a relation is among.

    slots           number of memory slots
    dim             length of every vector
    hops            how often the readout attends
    relation_limit  how long a relation may grow, 0 for no limit
    group           how many slots a relation is among; 2 is relation-slot
    least           where it is above 0: groups of all sizes from this one to `group`
    """

    slots: int = 20
    dim: int = 100
    hops: int = 1
    relation_limit: float = 10.0
    group: int = 3
    least: int = 0

    def __post_init__(self) -> None:
        counts(self, "slots", "dim", "hops")
        if not 0 <= self.relation_limit < inf:
            raise ValueError(
                f"relation_limit is {self.relation_limit}; it must be a number, 0 or more"
            )
        if not 2 <= self.group <= self.slots:
            raise ValueError(f"group is {self.group}; it must be from 2 to slots, {self.slots}")
        if self.least and not 2 <= self.least <= self.group:
            raise ValueError(f"least is {self.least}; it must be 0, or from 2 to {self.group}")


@dataclass(frozen=True, kw_only=True)
class RnOptions:
    """Of the relation network.

    dim        length of words and of the LSTMs' states; the paper's is 32
    width      of the layers of g, and of f, whose second one is twice as wide; the paper's is 256
    sentences  how many of the latest sentences are kept
    dropout    before f's last layer
    """

    dim: int = 64
    width: int = 64
    sentences: int = 20
    dropout: float = 0.5

    def __post_init__(self) -> None:
        counts(self, "dim", "width", "sentences")
        fraction(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class RrnOptions(RnOptions):
    """Of the recurrent relational network: those of RN; width 128 and dropout 0.5 in the paper.

    dropout    behind the readout's first two layers
    steps      how often messages are sent
    """

    dropout: float = 0.0
    steps: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        counts(self, "steps")


@dataclass(frozen=True, kw_only=True)
class RelNetOptions:
    """Of RelNet.

    slots  number of entities; there is a relation for every two
    dim    length of every vector
    """

    slots: int = 10
    dim: int = 64

    def __post_init__(self) -> None:
        counts(self, "dim")
        counts(self, "slots", least=2)


SLOT_VARIANTS = ("entnet", "multi-hop", "relation-slot", "self-memory", "all-relations")
"""The variants of the paper, which may have another encoder."""


@dataclass(frozen=True, kw_only=True)
class PretrainedOptions:
    """Of a slot variant with a pre-trained encoder.

    memory   the slot variant: entnet, multi-hop, relation-slot, self-memory or all-relations
    encoder  the folder of a BERT or ALBERT (config.json, tokenizer.json, model.safetensors), whose
             vectors of sentences are read; "" for eq. 1. It is needed wherever the model is used
    vectors  a file of word vectors as GloVe's, "word v1 v2 ... vn" a line, with which eq. 1
             begins; "" for none. It is needed for training alone
    tune     whether what is pre-trained is trained on; else it stays as it is

    The others are those of the slot variant.
    """

    slots: int = 20
    dim: int = 100
    hops: int = 1
    relation_limit: float = 10.0
    memory: str = "relation-slot"
    encoder: str = ""
    vectors: str = ""
    tune: bool = False

    def __post_init__(self) -> None:
        counts(self, "slots", "dim", "hops")
        one_of(self, "memory", *SLOT_VARIANTS)
        if self.encoder and self.vectors:
            raise ValueError("encoder and vectors exclude each other; leave out one of them")


@dataclass(frozen=True, kw_only=True)
class KeyValueOptions:
    """Of KV-MemNN.

    dim       length of a key and of a value
    hops      how often it looks
    level     what a memory is: sentence, or window of words around a word, which is its value
    width     how many words a window has, the one in its middle among them
    memories  how many of the latest sentences are kept
    frequent  key hashing leaves memories out that have no word in common with the question which
              occurs less often than this in training; 0 for no hashing
    """

    dim: int = 50
    hops: int = 3
    level: str = "sentence"
    width: int = 7
    memories: int = 50
    frequent: int = 0

    def __post_init__(self) -> None:
        counts(self, "dim", "hops", "width", "memories")
        one_of(self, "level", "sentence", "window")
        counts(self, "frequent", least=0)


@dataclass(frozen=True, kw_only=True)
class BaselineOptions:
    """Of the baselines.

    dim       length of a vector
    encoder   gru, or bag for a plain sum
    memories  how many of the latest sentences are kept
    """

    dim: int = 32
    encoder: str = "gru"
    memories: int = 50

    def __post_init__(self) -> None:
        counts(self, "dim", "memories")
        one_of(self, "encoder", "gru", "bag")
