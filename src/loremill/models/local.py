# SPDX-License-Identifier: Apache-2.0
"""Completions from a transformers model on this machine: batches by length, a cache, one grammar per row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..errors import LoremillError, ModelError
from ..prompt import Ability, Completion, LogLik, Prompt, Request, Usage
from ..text import TextView
from .codec import Codec, Encoded, decode
from .grammar_mask import GrammarProcessor, Row
from .habits import habits_of
from .likelihood import Item, answer_logprobs, collate
from .limited_head import limited_head
from .loading import Loaded, load
from .matcher import GrammarMask
from .prompt_mask import PADDING, attention_mask, for_attention, instruction_tokens, pad, prompt_mask_of

if TYPE_CHECKING:
    from ..adapters.describe import Describer
    from .span_head import SpanItem

_Done = dict[int, Completion]
"""Completions by the numbers of their requests."""
_AHEAD = 8
"""Batches read ahead, so that rows of like length share one."""


class LocalModel:
    """A causal language model in this process (see `loremill.prompt.Model`).

    Decoding is greedy. Prompts are sorted by length among `_AHEAD` batches; results keep input order.

    Args:
        capabilities: those of a capability adapter that are to act, whatever its gates say: ``judging,locating``,
            ``(1, 1, 0)`` or ``none``; None leaves it to the gates.
        raw_logprobs: whether completions under a grammar have ``logprobs`` beside ``masked_logprobs``. They need the
            whole head at every token; scores do not need them.

    Raises:
        LoremillError: a setting does not fit, or the task encoder of the adapter is not there.
    """

    can: frozenset[Ability] = frozenset({"grammar", "logprobs", "loglik", "adapters"})

    def __init__(
        self,
        loaded: Loaded,
        *,
        batch_size: int = 16,
        capabilities: str | Sequence[int] | None = None,
        raw_logprobs: bool = False,
    ) -> None:
        if batch_size < 1:
            raise ModelError(f"batch size needs to be at least 1, got {batch_size}")
        self.model = loaded.model
        self.codec: Codec = loaded.codec
        self.writing = loaded.codec.writing
        self.spans = loaded.spans
        if self.spans is not None:
            self.can |= {"spans"}
        self.batch_size = batch_size
        self.raw_logprobs = raw_logprobs
        self.max_tokens = _context_of(loaded.model.config)
        self.habits = habits_of(loaded.model.config)
        self._describer = _describer_of(loaded.model, capabilities)
        told = self._describer.identity if self._describer is not None else {}
        self.identity = {**loaded.identity, **told, "decoding": "greedy, nothing twice"}
        self._grammar_tokenizer: Any = None

    @classmethod
    def load(
        cls,
        name: str = "nano",
        *,
        adapter: str | None = None,
        device: str = "auto",
        dtype: str = "auto",
        batch_size: int = 16,
        capabilities: str | Sequence[int] | None = None,
        raw_logprobs: bool = False,
    ) -> LocalModel:
        """A model by folder or Hugging Face name; see `loremill.models.loading.load`."""
        loaded = load(name, adapter=adapter, device=device, dtype=dtype)
        return cls(loaded, batch_size=batch_size, capabilities=capabilities, raw_logprobs=raw_logprobs)

    def view(self, text: str) -> TextView:
        return self.codec.view(text)

    def count_tokens(self, prompt: Prompt) -> int:
        return len(self.codec.encode_prompt(prompt))

    def complete(self, requests: Iterable[Request]) -> Iterator[Completion]:
        source = iter(requests)
        while ahead := list(islice(source, self.batch_size * _AHEAD)):
            done = self._found(ahead)
            done |= self._written(ahead, [i for i in range(len(ahead)) if i not in done])
            yield from (done[i] for i in range(len(ahead)))

    def loglik(self, pairs: Sequence[tuple[Prompt, str]]) -> list[LogLik]:
        items = [Item(*self.codec.encode_pair(prompt, answer), prompt) for prompt, answer in pairs]
        for item in items:
            if item.tokens > self.max_tokens:
                raise ModelError(f"prompt and answer need at most {self.max_tokens} tokens, got {item.tokens}")
        order = sorted(range(len(items)), key=lambda i: items[i].tokens)
        found: dict[int, LogLik] = {}
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            batch = self._on_device(collate([items[i] for i in rows], self.codec.pad_id))
            told = self._routed([pairs[i][0] for i in rows], batch["input_ids"], batch["parts"])
            with torch.inference_mode(), told:
                values = iter(answer_logprobs(self.model, batch).tolist())
            for i in rows:
                found[i] = LogLik(tuple(islice(values, len(items[i].answer))))
        return [found[i] for i in range(len(items))]

    def _found(self, requests: Sequence[Request]) -> _Done:
        """Completions, by number, of requests that want mentions found: by the span head, in batches of like length."""
        done: _Done = {}
        items: dict[int, SpanItem] = {}
        head = self.spans
        if head is None:
            return done
        for i, request in enumerate(requests):
            if request.labels is not None:
                try:
                    items[i] = head.encode(request.labels, request.prompt.text)
                except ModelError as error:
                    done[i] = _failed(error)

        def find(rows: Sequence[int]) -> list[Completion]:
            found = head.find([items[i] for i in rows], [requests[i].threshold for i in rows])
            return [
                Completion("", usage=Usage(items[i].tokens, 0, 1), spans=s) for i, s in zip(rows, found, strict=True)
            ]

        return done | self._batched(find, {i: item.tokens for i, item in items.items()})

    def _written(self, requests: Sequence[Request], wanted: Sequence[int]) -> _Done:
        """Completions of the requests wanted, by number: generated, in batches of like length."""
        prompts = {i: self.codec.encode_prompt(requests[i].prompt) for i in wanted}

        def write(rows: Sequence[int]) -> list[Completion]:
            return self._complete([prompts[i] for i in rows], [requests[i] for i in rows])

        return self._batched(write, {i: len(prompt) for i, prompt in prompts.items()})

    def _batched(self, complete: Callable[[Sequence[int]], list[Completion]], lengths: Mapping[int, int]) -> _Done:
        order = sorted(lengths, key=lengths.__getitem__)
        done: _Done = {}
        for start in range(0, len(order), self.batch_size):
            done |= self._safely(complete, order[start : start + self.batch_size])
        return done

    def _safely(self, complete: Callable[[Sequence[int]], list[Completion]], rows: Sequence[int]) -> _Done:
        """Completions of a batch; when it fails, for want of memory too, row by row: one bad row costs one row."""
        try:
            return dict(zip(rows, complete(rows), strict=True))
        except (LoremillError, RuntimeError, IndexError, MemoryError) as error:  # torch raises the three
            if len(rows) == 1:
                return {rows[0]: _failed(error)}
            return {i: c for row in rows for i, c in self._safely(complete, [row]).items()}

    def _complete(self, prompts: Sequence[Encoded], requests: Sequence[Request]) -> list[Completion]:
        notes: list[tuple[str, ...]] = []
        rows = []
        for prompt, request in zip(prompts, requests, strict=True):
            room = self.max_tokens - len(prompt)
            if room < 1:
                raise ModelError(f"prompt has {len(prompt)} tokens, the model takes {self.max_tokens}")
            mask, note = self._mask(request.grammar)
            rows.append(Row(mask, min(request.max_new_tokens or room, room), request.repeats))
            notes.append(note)
        longest = max(map(len, prompts)) + max(row.max_new_tokens for row in rows)
        if longest > self.max_tokens and len(rows) > 1:  # a row that is done takes positions while others write
            half = len(rows) // 2
            return [
                *self._complete(prompts[:half], requests[:half]),
                *self._complete(prompts[half:], requests[half:]),
            ]
        self._generate(prompts, [request.prompt for request in requests], rows)
        return [
            self._completion(row, len(prompt), note) for row, prompt, note in zip(rows, prompts, notes, strict=True)
        ]

    def _mask(self, grammar: str | None) -> tuple[GrammarMask | None, tuple[str, ...]]:
        if grammar is None:
            return None, ()
        if self._grammar_tokenizer is None:
            self._grammar_tokenizer = self.codec.grammar_tokenizer()
        try:
            return GrammarMask(self._grammar_tokenizer, grammar), ()
        except LoremillError as error:
            return None, (f"generated without a grammar: {error}",)

    def _generate(self, prompts: Sequence[Encoded], about: Sequence[Prompt], rows: Sequence[Row]) -> None:
        from transformers import LogitsProcessorList, StoppingCriteriaList

        batch = self._on_device(pad(prompts, self.codec.pad_id, side="left"))
        parts = batch.pop("parts")
        processor = GrammarProcessor(rows, self.codec.eos_ids, self.codec.token_bytes, raw_logprobs=self.raw_logprobs)
        with torch.inference_mode():
            cache = self._prefilled(batch, parts, about)
        wanted = limited_head(self.model, processor.wanted)
        with torch.inference_mode(), self._routed(about, batch["input_ids"], parts), wanted:
            self.model.generate(
                **batch,
                attention_mask=(parts != PADDING).long(),
                past_key_values=cache,
                max_new_tokens=max(row.max_new_tokens for row in rows),
                do_sample=False,
                num_beams=1,
                pad_token_id=self.codec.pad_id,
                eos_token_id=list(self.codec.eos_ids),
                logits_processor=LogitsProcessorList([processor.mask]),
                stopping_criteria=StoppingCriteriaList([processor.is_finished]),
            )

    def _prefilled(self, batch: dict[str, Tensor], parts: Tensor, about: Sequence[Prompt]) -> Any:
        """The cache of all but the last prompt token under the model's mask; None lets ``generate`` read the prompt."""
        kind = prompt_mask_of(self.model.config)
        if kind == "causal" or parts.shape[1] < 2:
            return None
        from transformers import DynamicCache

        cache = DynamicCache(config=self.model.config)
        mask = for_attention(attention_mask(kind, parts[:, :-1]), self.model)
        inputs = {name: tensor[:, :-1] for name, tensor in batch.items()}
        no_logits = limited_head(self.model, lambda vocabulary: torch.empty(0, dtype=torch.long))
        with self._routed(about, inputs["input_ids"], parts[:, :-1]), no_logits:
            self.model(**inputs, attention_mask=mask, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return cache

    def _routed(self, about: Sequence[Prompt], input_ids: Tensor, parts: Tensor) -> AbstractContextManager[Any]:
        """The scope in which the gates of experts read what is known of a batch; nothing without experts."""
        if self._describer is None:
            return nullcontext()
        from ..adapters.context import routed

        instruction = instruction_tokens(input_ids, parts, self.codec)
        return routed(self._describer(about, instruction=instruction, real=parts != PADDING))

    def _on_device(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {name: tensor.to(self.model.device) for name, tensor in batch.items()}

    def _completion(self, row: Row, prompt_tokens: int, notes: tuple[str, ...]) -> Completion:
        ended = bool(row.tokens) and row.tokens[-1] in self.codec.eos_ids
        text, offsets = decode(self.codec, row.tokens[:-1] if ended else row.tokens)
        return Completion(
            text=text,
            offsets=(*offsets, (len(text), len(text))) if ended else offsets,
            logprobs=tuple(row.logprobs) if row.mask is None or self.raw_logprobs else None,
            masked_logprobs=tuple(row.masked_logprobs),
            finish_reason="stop" if ended else "length",
            usage=Usage(prompt_tokens, len(row.tokens), 1),
            notes=notes,
        )


def _failed(error: Exception) -> Completion:
    reason = str(error).partition("\n")[0] or "not enough memory"
    return Completion("", finish_reason="error", usage=Usage(0, 0, 1), error=reason)


def _describer_of(model: Any, capabilities: str | Sequence[int] | None) -> Describer | None:
    if capabilities is None and not getattr(model, "peft_config", None):
        return None  # peft, which takes long to import, is not needed
    from ..adapters.describe import describer_of

    return describer_of(model, capabilities=capabilities)


def _context_of(config: Any) -> int:
    """Longest sequence the model takes; 4,096 where its configuration does not say."""
    config = getattr(config, "get_text_config", lambda: config)()  # of a model that also sees or hears
    return int(getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or 4096)
