"""Sentence vectors of a BERT or ALBERT that lies in a folder, by the package transformers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from relmem_cli.errors import UsageError
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_variants.parts import AnyEncoder

PIECES = 8
"""Pieces of a word that are read at most."""

START = 0.7
"""Of the linear maps' weights: then sentences are as long as those of eq. 1 are at first."""

AT_ONCE = 64
"""Sentences that are encoded at once."""


class SentenceEncoder(AnyEncoder):
    """The mean of the last layer's vectors over a sentence's pieces, and a linear map of it.

    The mean over the training stories is taken off, since vectors of similar sentences differ in
    little else, and what is left is 1 long in the mean. Where it is not tuned, each sentence is
    encoded once.
    """

    def __init__(self, *, sizes: Sizes, dim: int, folder: str, tune: bool) -> None:
        super().__init__()
        self.tune = tune
        self.bert = _transformers().AutoModel.from_config(_config(folder), add_pooling_layer=False)
        self.bert.requires_grad_(tune)
        width = self.bert.config.hidden_size
        self.pieces: Tensor
        self.register_buffer("pieces", torch.zeros(sizes.vocabulary, PIECES, dtype=torch.int64))
        self.ends: Tensor
        self.register_buffer("ends", torch.zeros(2, dtype=torch.int64))  # [CLS] and [SEP]
        self.mean: Tensor
        self.register_buffer("mean", torch.zeros(width))
        self.length: Tensor
        self.register_buffer("length", torch.ones(()))
        self.as_sentence, self.as_question = nn.Linear(width, dim), nn.Linear(width, dim)
        for layer in (self.as_sentence, self.as_question):
            nn.init.normal_(layer.weight, std=START)
        self._known: dict[bytes, Tensor] = {}

    def fill(self, folder: str, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """Take weights and word pieces from the folder; raises UsageError where it lacks them."""
        transformers = _transformers()
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            trained = transformers.AutoModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, add_pooling_layer=False
            )
        except (OSError, ValueError) as error:
            raise UsageError(f"{folder} is no folder of a pre-trained encoder: {error}") from error
        self.bert.load_state_dict(trained.state_dict())
        self.ends[0], self.ends[1] = tokenizer.cls_token_id, tokenizer.sep_token_id
        for word, number in vocabulary.ids.items():
            pieces = tokenizer.encode(word, add_special_tokens=False)[:PIECES] if number else []
            self.pieces[number, : len(pieces)] = torch.tensor(pieces, dtype=torch.int64)
        texts = {text for story in stories for text in story.sentences}
        longest = max(map(len, texts), default=1)
        rows = [[vocabulary.ids.get(word, 0) for word in text] for text in sorted(texts)]
        tokens = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        vectors = self._once(tokens)
        self.mean.copy_(vectors.mean(dim=0))
        self.length.copy_((vectors - self.mean).norm(dim=1).mean().clamp(min=1e-4))

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        """Other weights make other vectors."""
        self._known.clear()
        super()._load_from_state_dict(*args, **kwargs)

    def sentence(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to s [..., dim]."""
        s: Tensor = self.as_sentence(self._vectors(tokens))
        return s

    def question(self, tokens: Tensor) -> Tensor:
        """int64 [..., words] to q [..., dim]."""
        q: Tensor = self.as_question(self._vectors(tokens))
        return q

    def _vectors(self, tokens: Tensor) -> Tensor:
        """Vectors [..., width], 1 long in the mean; equal sentences are encoded once."""
        if not tokens.numel():
            return self.mean.new_zeros(*tokens.shape[:-1], len(self.mean))
        rows, which = torch.unique(tokens.reshape(-1, tokens.shape[-1]), dim=0, return_inverse=True)
        vectors = self._encode(rows) if self.tune else self._once(rows)
        vectors = (vectors - self.mean) / self.length
        return vectors[which].view(*tokens.shape[:-1], -1)

    def _once(self, rows: Tensor) -> Tensor:
        """The same as `_encode`, without a gradient or dropout, and kept."""
        keys = [row.tobytes() for row in rows.cpu().numpy()]
        new = [place for place, key in enumerate(keys) if key not in self._known]
        self.bert.eval()
        with torch.no_grad():
            for first in range(0, len(new), AT_ONCE):
                some = new[first : first + AT_ONCE]
                for place, vector in zip(some, self._encode(rows[some]), strict=True):
                    self._known[keys[place]] = vector
        self.bert.train(self.training)
        return torch.stack([self._known[key] for key in keys]).to(rows.device)

    def _encode(self, rows: Tensor) -> Tensor:
        """Tokens [N, words] to the mean over each one's pieces [N, width]."""
        pieces = self.pieces[rows].flatten(1)
        order = (pieces == 0).to(torch.uint8).argsort(dim=1, stable=True)
        pieces = pieces.gather(1, order)[:, : max(int((pieces != 0).sum(dim=1).max()), 1)]
        count = (pieces != 0).sum(dim=1)
        ids = torch.cat([self.ends[0].expand(len(rows), 1), pieces, pieces[:, :1] * 0], dim=1)
        ids = ids.scatter(1, count[:, None] + 1, self.ends[1].expand(len(rows), 1))
        there = torch.arange(ids.shape[1], device=ids.device) < count[:, None] + 2
        last: Tensor = self.bert(input_ids=ids, attention_mask=there.long()).last_hidden_state
        return (last * there[:, :, None]).sum(dim=1) / there.sum(dim=1, keepdim=True)


def _config(folder: str) -> Any:
    """The architecture; raises UsageError where there is no such folder."""
    if not Path(folder).is_dir():
        raise UsageError(
            f"there is no folder {folder} with a pre-trained encoder; set encoder to one"
        )
    try:
        return _transformers().AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} is no folder of a pre-trained encoder: {error}") from error


def _transformers() -> Any:
    """The package; raises UsageError that says how to install it."""
    try:
        import transformers  # noqa: PLC0415  # seconds, and an extra
    except ImportError as error:
        raise UsageError(
            "a pre-trained encoder needs the package transformers; install relmem[pretrained]"
        ) from error
    quiet: Any = transformers.logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    return transformers
