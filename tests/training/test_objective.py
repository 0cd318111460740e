# SPDX-License-Identifier: Apache-2.0
"""The loss of a step: packed as unpacked, whole as cut, with experts and without, and labels of single capabilities."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from peft import LoraConfig, get_peft_model

from loremill.adapters import CapabilityConfig, MoELoraConfig
from loremill.adapters.describe import describer_of
from loremill.formats import listing
from loremill.models.likelihood import Item, collate, collate_packed, pack
from loremill.models.loading import load
from loremill.schema.types import FrameType, Schema
from loremill.training.objective import Step, answer_tokens, describe, losses

from ..tiny import save_tiny

ENTITIES = Schema((FrameType("person"), FrameType("location")))
CLASSES = Schema((FrameType("sport", family="classes"), FrameType("news", family="classes")))
TEXTS = ["Ada was in Coimbra", "fox", "the lazy dog jumps over Ada", "Lovelace", "a firm in Portugal and Coimbra"]
ADAPTERS = ("none", "lora", "moelora", "capability")
ALL_LINEAR = ["q", "k", "v", "o", "up", "down"]
CLOSE = {"atol": 2e-5, "rtol": 1e-3}
"""Float32 rounds at 6e-8; gradients are sums over some 100 tokens of terms up to 10, added in another order."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A model of each kind of mask and position, by name."""
    root = tmp_path_factory.mktemp("objective")
    return {kind: save_tiny(kind, root / kind) for kind in ("WordPiece", "byte-level")}


class Bench:
    """A model with an adapter whose every tensor is random, and items of two families for it."""

    def __init__(self, folder, adapter, encoder, **settings):
        loaded = load(str(folder), device="cpu")
        self.codec = loaded.codec
        configs = {
            "lora": lambda: LoraConfig(r=3, target_modules="all-linear", task_type="CAUSAL_LM"),
            "moelora": lambda: MoELoraConfig(
                r=2, experts=3, d_task=32, task_encoder=str(encoder), target_roles=ALL_LINEAR, task_type="CAUSAL_LM"
            ),
            "capability": lambda: CapabilityConfig(
                r=2, sub_experts=2, target_roles=["up", "down"], task_type="CAUSAL_LM", **settings
            ),
        }
        self.model = loaded.model if adapter == "none" else get_peft_model(loaded.model, configs[adapter]())
        rng = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                if adapter != "none" and parameter.requires_grad:
                    parameter.copy_(torch.randn(parameter.shape, generator=rng) * (0.1 if "bank" in name else 0.5))
        self.model.train()
        self.describer = describer_of(self.model)
        self.items = [self.item(text, ENTITIES if i % 2 else CLASSES) for i, text in enumerate(TEXTS)]

    def item(self, text, schema):
        prompt = listing.prompt(schema, text)
        answer = f" {schema.types[0].label}: {text.split()[0].lower()}" if schema is ENTITIES else " sport"
        return Item(*self.codec.encode_pair(prompt, answer), prompt)

    def of(self, items, batch, step, *, mine=True):
        """Terms of the loss of one batch."""
        context = describe(self.describer, items, batch, self.codec) if self.describer is not None else None
        return losses(self.model, batch, step, items=len(items) if mine else 0, context=context)

    def gradients(self):
        found = {n: p.grad.clone() for n, p in self.model.named_parameters() if p.grad is not None}
        self.model.zero_grad()
        return found


def assert_close(left, right):
    assert left.keys() == right.keys()
    for name in left:
        torch.testing.assert_close(left[name], right[name], **CLOSE, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("kind", ["WordPiece", "byte-level"])
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_packed_rows_have_the_loss_and_gradients_of_rows_of_their_own(folders, adapter, kind):
    bench = Bench(folders[kind], adapter, folders["WordPiece"])
    step = Step.of([bench.items])
    apart = bench.of(bench.items, collate(bench.items, bench.codec.pad_id), step)
    apart["loss"].backward()
    wanted = bench.gradients()
    rows = pack(bench.items, 2 * max(item.tokens for item in bench.items))
    assert len(rows) < len(bench.items)
    together = bench.of([i for row in rows for i in row], collate_packed(rows, bench.codec.pad_id), step)
    together["loss"].backward()
    assert_close(together, apart)
    assert_close(bench.gradients(), wanted)
    assert any(gradient.abs().max() > 1e-3 for gradient in wanted.values())


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_step_is_the_sum_of_its_micro_batches_and_the_mean_of_its_ranks(folders, adapter):
    bench = Bench(
        folders["WordPiece"],
        adapter,
        folders["WordPiece"],
        **({"entropy_weight": 0.0} if adapter == "capability" else {}),
    )
    whole = bench.of(bench.items, collate(bench.items, 0), Step.of([bench.items]))
    whole["loss"].backward()
    wanted = bench.gradients()
    step = Step.of([bench.items[:3], bench.items[3:]], ranks=2)
    total = dict.fromkeys(whole, torch.zeros(()))
    for mine in (bench.items[0:3:2], bench.items[1:3:2], bench.items[3:4], bench.items[4:]):  # of two ranks, twice
        terms = bench.of(mine, collate(mine, 0), step)
        (terms["loss"] / 2).backward()  # as DistributedDataParallel
        total = {name: total[name] + terms[name].detach() / 2 for name in total}
    total.pop("entropy", None)  # of a micro-batch, not of a step
    assert_close(total, {name: term for name, term in whole.items() if name in total})
    assert_close(bench.gradients(), wanted)


def test_terms_are_told_apart_and_weighted(folders):
    bench = Bench(folders["WordPiece"], "capability", None, bce_weight=0.5, entropy_weight=0.25)
    terms = {n: t.item() for n, t in bench.of(bench.items, collate(bench.items, 0), Step.of([bench.items])).items()}
    assert list(terms) == ["loss", "task_loss", "entropy", "bce"]
    assert terms["loss"] == pytest.approx(terms["task_loss"] + 0.5 * terms["bce"] + 0.25 * terms["entropy"])
    assert terms["bce"] > 0 > terms["entropy"]


@pytest.mark.parametrize("adapter", ["none", "lora", "moelora"])
def test_loss_without_auxiliary_ones_has_no_terms(folders, adapter):
    bench = Bench(folders["WordPiece"], adapter, folders["WordPiece"])
    assert list(bench.of(bench.items, collate(bench.items, 0), Step.of([bench.items]))) == ["loss"]


def test_hard_routing_learns_no_capability_weights(folders):
    bench = Bench(folders["WordPiece"], "capability", None, routing="hard")
    assert "bce" not in bench.of(bench.items, collate(bench.items, 0), Step.of([bench.items]))


def test_rank_without_items_adds_nothing(folders):
    bench = Bench(folders["WordPiece"], "capability", None)
    items = bench.items[:1]
    terms = bench.of(items, collate(items, 0), Step.of([bench.items[:3]], ranks=2), mine=False)
    assert {name: term.item() for name, term in terms.items()} == dict.fromkeys(terms, 0.0)


def test_item_of_one_capability_is_labelled_with_it_and_forced_where_it_says_so(folders):
    bench = Bench(folders["WordPiece"], "capability", None)
    first, second, third = bench.items[1], bench.items[0], bench.items[2]
    items = [first, second._replace(capability="locating"), third._replace(capability="associating", is_forced=True)]
    context = describe(bench.describer, items, collate(items, 0), bench.codec)
    assert context.capabilities.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert context.forced[:2].isnan().all()
    assert context.forced[2].tolist() == [0, 0, 1]
    plain = describe(bench.describer, items[:2], collate(items[:2], 0), bench.codec)
    assert plain.forced is None


def test_forced_items_still_teach_the_gates_their_label(folders):
    bench = Bench(folders["WordPiece"], "capability", None)
    items = [i._replace(capability="judging", is_forced=True) for i in bench.items]
    terms = bench.of(items, collate(items, 0), Step.of([items]))
    terms["bce"].backward()
    gates = {name: gradient for name, gradient in bench.gradients().items() if "gate" in name}
    assert gates
    assert all(gradient[-3:].abs().max() > 0 for gradient in gates.values())  # the last three rows are capabilities'


def test_items_without_their_prompts_are_refused(folders):
    bench = Bench(folders["WordPiece"], "capability", None)
    items = [replace_about(item) for item in bench.items[:2]]
    with pytest.raises(ValueError, match=r"experts need the prompts of all items \(Item.about\), 2 have none"):
        describe(bench.describer, items, collate(items, 0), bench.codec)


def replace_about(item):
    return item._replace(about=None)


def test_step_counts_tokens_and_items_of_all_its_micro_batches(folders):
    items = Bench(folders["WordPiece"], "none", None).items
    assert Step.of([items[:2], items[2:]], 3) == Step(answer_tokens(items), len(items), 2, 3)
    assert replace(Step.of([items]), micro_batches=2) == Step.of([items[:1], items[1:]])
