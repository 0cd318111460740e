# SPDX-License-Identifier: Apache-2.0
"""``generate`` with experts: what the prompt fixed follows the key-value cache; each way gives what no cache gives."""

from __future__ import annotations

import pytest
import torch
from peft import PeftModel
from torch import Tensor
from transformers import DynamicCache, StaticCache, set_seed

from loremill.adapters import RoutingContext, routed
from loremill.adapters.cache import RoutingLayer
from loremill.errors import AdapterError

from .models import D_TASK, PAD, VOCABULARY, adapted, base

LENGTHS = (9, 5, 7)
NEW = 6
ADAPTERS = pytest.mark.parametrize("adapter", ["task", "soft"])


@pytest.fixture(scope="module")
def models() -> dict[str, PeftModel]:
    return {name: adapted("llama", name, dtype=torch.float32) for name in ("task", "soft", "hard")}


def prompts(lengths: tuple[int, ...] = LENGTHS) -> dict[str, Tensor]:
    """Prompts of unequal length, padded on the left, with what gates read of them."""
    rng = torch.Generator().manual_seed(3)
    shape = (len(lengths), max(lengths))
    ids, mask = torch.full(shape, PAD), torch.zeros(shape, dtype=torch.long)
    instruction = torch.zeros(shape, dtype=torch.bool)
    for row, length in enumerate(lengths):
        ids[row, -length:] = torch.randint(3, VOCABULARY, (length,), generator=rng)
        mask[row, -length:] = 1
        instruction[row, 1 - length : 4 - length] = True
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "instruction": instruction,
        "task": torch.randn(len(lengths), D_TASK, generator=rng),
        "capabilities": torch.tensor([[1, 1, 0], [1, 0, 0], [1, 1, 1]])[: len(lengths)],
    }


def row(batch: dict[str, Tensor], number: int) -> dict[str, Tensor]:
    """One prompt of a batch, without its padding."""
    real = batch["attention_mask"][number].bool()
    per_token = ("input_ids", "attention_mask", "instruction")
    return {n: v[number][real][None] if n in per_token else v[number][None] for n, v in batch.items()}


def context(batch: dict[str, Tensor]) -> RoutingContext:
    return RoutingContext(**{name: batch[name] for name in ("instruction", "task", "capabilities")})


def plain(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: batch[name] for name in ("input_ids", "attention_mask")}


@torch.no_grad()
def uncached(model: PeftModel, batch: dict[str, Tensor], answers: Tensor) -> Tensor:
    """Logits of a batch's prompts and answers read at once, at the places of the answers."""
    whole = {
        **batch,
        "input_ids": torch.cat([batch["input_ids"], answers], dim=1),
        "attention_mask": torch.cat([batch["attention_mask"], torch.ones_like(answers)], dim=1),
        "instruction": torch.cat([batch["instruction"], torch.zeros_like(answers, dtype=torch.bool)], dim=1),
    }
    whole["position_ids"] = (whole["attention_mask"].cumsum(1) - 1).clamp(min=0)
    return model(**whole, use_cache=False).logits[:, -answers.shape[1] - 1 : -1]


@torch.no_grad()
def greedy(model: PeftModel, batch: dict[str, Tensor]) -> Tensor:
    """The most likely continuation of one prompt, each token from a forward pass over all before it."""
    answers = torch.zeros(1, 0, dtype=torch.long)
    for _ in range(NEW):
        longer = torch.cat([answers, torch.zeros(1, 1, dtype=torch.long)], dim=1)
        answers = torch.cat([answers, uncached(model, batch, longer)[:, -1:].argmax(-1)], dim=1)
    return answers


def generate(model: PeftModel, batch: dict[str, Tensor], **settings) -> Tensor:
    """The tokens of the answers, of full length."""
    settings = {"max_new_tokens": NEW, "min_new_tokens": NEW, "do_sample": False, **settings}
    return model.generate(**batch, **settings)[:, batch["input_ids"].shape[1] :]


@ADAPTERS
@pytest.mark.parametrize("settings", [
    {},
    {"use_cache": False},
    {"cache_implementation": "static"},
    {"prompt_lookup_num_tokens": 2},
], ids=["cache", "no cache", "static", "prompt lookup"])  # fmt: skip
def test_greedy_is_what_single_passes_over_all_tokens_give(models, adapter, settings):
    batch = row(prompts(), 0)
    eos = {"eos_token_id": None, "min_new_tokens": None}
    expected = greedy(models[adapter], batch)
    torch.testing.assert_close(generate(models[adapter], batch, **eos, **settings), expected)


@ADAPTERS
def test_prompts_of_unequal_length_give_what_they_give_alone(models, adapter):
    batch = prompts()
    together = generate(models[adapter], batch)
    alone = torch.cat([generate(models[adapter], row(batch, n)) for n in range(len(LENGTHS))])
    torch.testing.assert_close(together, alone)


@ADAPTERS
def test_a_scope_is_as_good_as_keywords(models, adapter):
    batch = prompts()
    with routed(context(batch)):
        found = generate(models[adapter], plain(batch))
        under = models[adapter].get_base_model()
        of_base = generate(under, plain(batch))
    torch.testing.assert_close(found, generate(models[adapter], batch))
    torch.testing.assert_close(of_base, found)


def _scores(logits: Tensor, answers: Tensor) -> Tensor:
    chosen = logits.log_softmax(-1).gather(-1, answers[..., None])[..., 0]
    return chosen.sum(1) / answers.shape[1]


@pytest.mark.parametrize("adapter", ["task", "soft", "hard"])
@pytest.mark.parametrize("settings", [
    {"num_beams": 3},
    {"num_beams": 4, "num_return_sequences": 2},
])  # fmt: skip
def test_scores_of_beams_are_those_of_their_sequences(models, adapter, settings):
    batch = prompts()
    eos = {"eos_token_id": None, "min_new_tokens": None, "max_new_tokens": NEW, "do_sample": False}
    out = models[adapter].generate(**batch, **settings, **eos, output_scores=True, return_dict_in_generate=True)
    times = settings.get("num_return_sequences", 1)
    repeated = {name: value.repeat_interleave(times, dim=0) for name, value in batch.items()}
    answers = out.sequences[:, -NEW:]
    expected = _scores(uncached(models[adapter], repeated, answers), answers)
    torch.testing.assert_close(out.sequences_scores, expected, rtol=1e-4, atol=1e-4)  # float32, two layers


@ADAPTERS
def test_samples_follow_the_seed_and_each_row_its_own_gates(models, adapter):
    batch = prompts()
    settings = {"do_sample": True, "num_return_sequences": 2, "eos_token_id": None, "min_new_tokens": None}
    settings |= {"max_new_tokens": NEW, "output_logits": True, "return_dict_in_generate": True}
    set_seed(5)
    first = models[adapter].generate(**batch, **settings)
    set_seed(5)
    again = models[adapter].generate(**batch, **settings)
    torch.testing.assert_close(first.sequences, again.sequences)
    repeated = {name: value.repeat_interleave(2, dim=0) for name, value in batch.items()}
    expected = uncached(models[adapter], repeated, first.sequences[:, -NEW:])
    torch.testing.assert_close(torch.stack(first.logits, dim=1), expected, rtol=1e-4, atol=1e-4)


def _prefilled(model: PeftModel, batch: dict[str, Tensor]) -> DynamicCache:
    cache = DynamicCache(config=model.get_base_model().config)
    positions = (batch["attention_mask"].cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        model(**batch, past_key_values=cache, position_ids=positions)
    return cache


def _decoded(model: PeftModel, cache: DynamicCache, mask: Tensor, answers: Tensor) -> Tensor:
    """Logits of each of the answers' tokens, read one by one with a cache."""
    found = []
    with torch.no_grad():
        for token in answers.split(1, dim=1):
            mask = torch.cat([mask, torch.ones_like(token)], dim=1)
            position = mask.sum(1, keepdim=True) - 1
            output = model(input_ids=token, attention_mask=mask, position_ids=position, past_key_values=cache)
            found.append(output.logits)
    return torch.cat(found, dim=1)


@ADAPTERS
@pytest.mark.parametrize(("change", "rows"), [
    (lambda cache: cache.reorder_cache(torch.tensor([2, 0, 0])), [2, 0, 0]),
    (lambda cache: cache.batch_select_indices(torch.tensor([1])), [1]),
    (lambda cache: cache.batch_repeat_interleave(2), [0, 0, 1, 1, 2, 2]),
    (lambda cache: (cache.batch_repeat_interleave(2), cache.reorder_cache(torch.tensor([5, 4, 3, 2, 1, 0]))),
     [2, 2, 1, 1, 0, 0]),
], ids=["reorder", "select", "repeat", "repeat and reorder"])  # fmt: skip
def test_what_is_done_to_a_cache_s_rows_is_done_to_their_gates(models, adapter, change, rows):
    batch = prompts()
    cache = _prefilled(models[adapter], batch)
    change(cache)
    answers = torch.randint(3, VOCABULARY, (len(rows), NEW), generator=torch.Generator().manual_seed(1))
    found = _decoded(models[adapter], cache, batch["attention_mask"][rows], answers)
    expected = uncached(models[adapter], {name: value[rows] for name, value in batch.items()}, answers)
    torch.testing.assert_close(found[:, :-1], expected[:, 1:], rtol=1e-4, atol=1e-4)


@ADAPTERS
def test_an_answer_cut_back_goes_on_as_if_it_had_not_been(models, adapter):
    batch = row(prompts(), 0)
    cache = _prefilled(models[adapter], batch)
    rng = torch.Generator().manual_seed(1)
    wrong, right = (torch.randint(3, VOCABULARY, (1, NEW), generator=rng) for _ in range(2))
    _decoded(models[adapter], cache, batch["attention_mask"], wrong)
    cache.crop(-NEW)
    found = _decoded(models[adapter], cache, batch["attention_mask"], right)
    torch.testing.assert_close(found[:, :-1], uncached(models[adapter], batch, right)[:, 1:], rtol=1e-4, atol=1e-4)


def test_a_cache_cut_back_into_its_instruction_is_refused(models):
    batch = row(prompts(), 0)
    cache = _prefilled(models["soft"], batch)
    cache.crop(-7)  # two tokens are left of nine, of the instruction (1, 2, 3) one
    with pytest.raises(AdapterError, match="needs 'instruction' of the batch"):
        _decoded(models["soft"], cache, batch["attention_mask"][:, :2], torch.tensor([[5]]))


def test_a_cache_is_cut_back_by_the_instructions_of_the_rows_it_still_has():
    layer = RoutingLayer(RoutingContext(), {}, torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1]]).bool())
    layer.crop(-2)
    assert not layer.holds(2)
    layer.batch_select_indices(torch.tensor([0]))
    assert layer.holds(2)


@ADAPTERS
def test_a_cache_cut_back_to_nothing_is_a_new_one(models, adapter):
    batch = row(prompts(), 0)
    cache = _prefilled(models[adapter], batch)
    cache.crop(-cache.get_seq_length())
    other = {**batch, "task": -batch["task"], "input_ids": batch["input_ids"].flip(1)}
    with torch.no_grad():
        found = models[adapter](**other, past_key_values=cache).logits
        expected = models[adapter](**other, use_cache=False).logits
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert sum(isinstance(layer, RoutingLayer) for layer in cache.layers) == 1


@ADAPTERS
def test_a_static_cache_may_be_used_again(models, adapter):
    batch, model = row(prompts(), 0), models[adapter]
    cache = StaticCache(config=model.get_base_model().config, max_cache_len=32)
    for sign in (1, -1):
        now = {**batch, "task": sign * batch["task"], "capabilities": batch["capabilities"]}
        found = generate(model, now, past_key_values=cache)
        torch.testing.assert_close(found, generate(model, now))
        cache.reset()


def test_routing_values_beside_a_cache_that_has_them_are_refused(models):
    batch = row(prompts(), 0)
    cache = _prefilled(models["task"], batch)
    with pytest.raises(AdapterError, match=r"the key-value cache keeps the routing values.*leave out"):
        models["task"](input_ids=torch.tensor([[5]]), past_key_values=cache, task=batch["task"])


def test_a_prompt_read_in_pieces_is_refused_where_the_instruction_is_to_be_whole(models):
    batch = row(prompts(), 0)
    with pytest.raises(AdapterError, match="an instruction is read in one piece"):
        generate(models["soft"], batch, prefill_chunk_size=4)
    expected = generate(models["task"], batch)
    torch.testing.assert_close(generate(models["task"], batch, prefill_chunk_size=4), expected)


@ADAPTERS
def test_a_draft_model_without_experts_changes_no_answer(models, adapter):
    batch = row(prompts(), 0)
    draft = base("llama", torch.float32)
    eos = {"eos_token_id": None, "min_new_tokens": None}
    found = generate(models[adapter], batch, assistant_model=draft, **eos)
    torch.testing.assert_close(found, greedy(models[adapter], batch))
