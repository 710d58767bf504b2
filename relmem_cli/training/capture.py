"""Training steps as CUDA graphs: small batches are launched at once instead of kernel by kernel.

A graph has fixed shapes. Batches are padded to a few of them, and a graph is recorded for each.
"""

import logging
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import pad

from relmem_cli.sealing import text_of
from relmem_cli.stories.batch import IGNORED, StoryBatch

Run = Callable[[], Tensor]


class Recorder(Protocol):
    """Records what a function launches."""

    def rehearse(self, run: Run) -> Tensor:
        """What `run` returns; what it makes once, such as compiled code, is there afterwards."""

    def record(self, run: Run) -> Run:
        """A function that does again what `run` launches; `run`'s own launches do nothing."""


class GraphRecorder:
    """Records CUDA graphs on a stream of its own.

    They share their memory: nothing in it is needed after a step but the loss, which is copied.
    """

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._pool: Any = torch.cuda.graph_pool_handle()

    def rehearse(self, run: Run) -> Tensor:
        """What `run` returns, on the stream that will record it."""
        usual = torch.cuda.current_stream(self._stream.device)
        self._stream.wait_stream(usual)
        with torch.cuda.stream(self._stream):
            result = run()
        usual.wait_stream(self._stream)
        return result

    def record(self, run: Run) -> Run:
        """Raises whatever CUDA and `run` raise where something cannot be recorded."""
        graph = torch.cuda.CUDAGraph()
        usual = torch.cuda.current_stream(self._stream.device)
        with (
            torch.cuda.stream(usual),  # a recording that fails leaves its own stream in place
            torch.cuda.graph(graph, pool=self._pool, stream=self._stream),
        ):
            result = run()

        def replay() -> Tensor:
            graph.replay()
            return result.clone()

        return replay


class CapturedStep:
    """A training step that is recorded the second time a shape of batch is met, then replayed.

    `step` takes a batch on the device and returns its loss; it does all of a step (gradients to
    zero, forward, loss with IGNORED answers left out, backward, clipping, optimizer) and waits for
    nothing. What changes between steps, such as the learning rate, must be a tensor that is
    changed in place. The first batch of a shape is stepped as usual, which is also the rehearsal.
    Where a recording fails the reason is logged once, and all further batches are stepped as usual.
    """

    def __init__(
        self,
        step: Callable[[StoryBatch], Tensor],
        device: torch.device,
        recorder: Recorder | None = None,
    ) -> None:
        self._step, self._device = step, device
        self._recorder = recorder or GraphRecorder(device)
        self._met: set[tuple[int, ...]] = set()
        self._recorded: dict[tuple[int, ...], tuple[StoryBatch, Run]] = {}
        self._works = True

    def __call__(self, batch: StoryBatch) -> Tensor:
        """The loss of a step on a batch, which may still be on the CPU; a tensor of its own."""
        if not self._works:
            return self._step(batch.to(self._device)).detach()
        batch = padded(batch)
        shape = tuple(
            size for each in fields(batch) for size in getattr(batch, each.name).shape[:3]
        )
        if shape not in self._met:
            self._met.add(shape)
            batch = batch.to(self._device)
            return self._recorder.rehearse(lambda: self._step(batch).detach())
        if shape not in self._recorded and not self._record(shape, batch):
            return self._step(batch.to(self._device)).detach()
        buffers, replay = self._recorded[shape]
        for field in fields(batch):
            getattr(buffers, field.name).copy_(getattr(batch, field.name))
        return replay()

    def _record(self, shape: tuple[int, ...], batch: StoryBatch) -> bool:
        values = {field.name: getattr(batch, field.name) for field in fields(batch)}
        own = {name: value.to(self._device, copy=True) for name, value in values.items()}
        buffers = StoryBatch(**own)
        try:
            replay = self._recorder.record(lambda: self._step(buffers).detach())
        except Exception as error:  # the model is anyone's; it may well train unrecorded
            self._works = False
            self._recorded.clear()
            logging.getLogger("relmem").warning(
                "training steps are not recorded as CUDA graphs, which makes them slower: %s",
                text_of(error).strip().partition("\n")[0] or type(error).__name__,
            )
            return False
        self._recorded[shape] = buffers, replay
        return True


def padded(batch: StoryBatch) -> StoryBatch:
    """The batch with more stories, sentences and questions, up to one of a few shapes.

    Stories and sentences that are added have no words; added questions ask the first story before
    its first sentence and have the answer IGNORED, so that the mean loss is that of the others.
    """
    stories, sentences, _ = batch.sentences.shape
    more_stories, more_sentences, more = (
        rounded(count) - count for count in (stories, sentences, len(batch.answers))
    )
    return StoryBatch(
        sentences=pad(batch.sentences, (0, 0, 0, more_sentences, 0, more_stories)),
        questions=pad(batch.questions, (0, 0, 0, more)),
        story=pad(batch.story, (0, more)),
        position=pad(batch.position, (0, more)),
        answers=pad(batch.answers, (0, more), value=IGNORED),
        supports=_widened(batch.supports, more, -1),
        candidates=_widened(batch.candidates, more, 0),
        spelled=_widened(batch.spelled, more, 0),
    )


def _widened(rows: Tensor, more: int, fill: int) -> Tensor:
    """More rows, and as many columns as one of a few widths has."""
    width = rows.shape[1]
    return pad(rows, (0, rounded(width) - width if width else 0, 0, more), value=fill)


def rounded(count: int) -> int:
    """The next of 1, 2, 3, 4, 6, 8, 12, 16, 24 ...; less than half as many again."""
    power = 1 << max(count - 1, 0).bit_length()
    return power * 3 // 4 if power > 2 and count <= power * 3 // 4 else power
