# SPDX-License-Identifier: Apache-2.0
"""What gates are told about prompts: texts that are embedded, capabilities that are needed or forced."""

from __future__ import annotations

import contextlib
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from loremill.adapters import CapabilityConfig, Describer, MoELoraConfig, TaskEncoder, describer_of
from loremill.adapters.describe import capabilities_of, forced_capabilities, written
from loremill.errors import AdapterError, UnknownNameError
from loremill.formats import FORMATS, listing
from loremill.prompt import Demonstration, Prompt
from loremill.schema.types import FrameType, Schema, SlotType

from .encoders import D_TASK, save_bert

PROMPT = Prompt(
    "entities",
    "Find the names.",
    "person; city",
    "Ada was in Coimbra",
    definitions="person: a human being",
    demonstrations=(Demonstration("Bob stayed.", "person: Bob"),),
    given="trigger: was",
)


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory) -> Path:
    return save_bert(tmp_path_factory.mktemp("encoder") / "bert")


@pytest.fixture(scope="module")
def encoder(encoder_folder) -> TaskEncoder:
    return TaskEncoder(str(encoder_folder))


def base() -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(vocab_size=17, hidden_size=8, intermediate_size=12, num_hidden_layers=1, num_attention_heads=2)
    )


def moelora(**fields: Any) -> MoELoraConfig:
    return MoELoraConfig(experts=2, r=1, **{"d_task": D_TASK, **fields})


def describe(describer: Describer, prompts: list[Prompt], **values: Any) -> Any:
    tokens = torch.ones(len(prompts), 3, dtype=torch.bool)
    return describer(prompts, **{"instruction": tokens, "real": tokens, **values})


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"router": "schema"}, "person; city\nperson: a human being"),
        ({"router": "schema_only"}, "person; city\nperson: a human being"),
        ({"router": "task"}, "person; city\nperson: a human being\nAda was in Coimbra"),
        (
            {"router": "task", "task_sees_given": True},
            "person; city\nperson: a human being\nAda was in Coimbra\ntrigger: was",
        ),
    ],
)
def test_router_decides_what_is_embedded(encoder_folder, encoder, fields, text):
    describer = describer_of(get_peft_model(base(), moelora(task_encoder=str(encoder_folder), **fields)))
    assert describer is not None
    assert describer.task_text(PROMPT) == text
    context = describe(describer, [PROMPT])
    assert torch.equal(context.task, encoder([text]))
    assert context.capabilities is None
    assert context.forced is None


@pytest.mark.parametrize("router", ["token", "constant"])
def test_routers_that_read_no_task_load_no_encoder(router):
    describer = describer_of(get_peft_model(base(), moelora(router=router, d_task=0)))
    assert describer == Describer()
    assert describe(describer, [PROMPT]).task is None


def test_masks_and_items_are_handed_on(encoder):
    describer = Describer(encoder=encoder, needs_capabilities=True)
    real = torch.tensor([[True, True, True, True, False]])
    instruction = torch.tensor([[True, False, True, False, False]])
    items = torch.tensor([[0, 0, 1, 1, -1]])
    other = Prompt("classes", "", "a; b", "")
    context = describer([PROMPT, other], instruction=instruction, real=real, items=items)
    assert context.real is real
    assert context.instruction is instruction
    assert context.items is items
    assert context.item_count == 2
    torch.testing.assert_close(context.task, encoder(["person; city\nperson: a human being", "a; b"]))
    assert context.capabilities.tolist() == [[1, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("config", [None, LoraConfig(target_modules=["q_proj"])], ids=["no adapter", "LoRA"])
def test_models_without_experts_have_no_describer(config):
    assert describer_of(base() if config is None else get_peft_model(base(), config)) is None


def test_adapter_of_transformers_own_loader_is_found(tmp_path):
    get_peft_model(base(), CapabilityConfig(sub_experts=2, r=1)).save_pretrained(tmp_path)
    model = base()
    assert describer_of(model) is None
    model.load_adapter(str(tmp_path))
    assert describer_of(model) == Describer(needs_capabilities=True)


def test_the_active_adapter_is_described(encoder_folder):
    model = get_peft_model(base(), CapabilityConfig(sub_experts=2, r=1))
    model.add_adapter("plain", CapabilityConfig(sub_experts=1, r=2))
    assert describer_of(model) == Describer(needs_capabilities=True)


def test_encoder_of_another_size_is_refused(encoder_folder):
    model = get_peft_model(base(), moelora(router="task", d_task=D_TASK + 1, task_encoder=str(encoder_folder)))
    with pytest.raises(AdapterError, match=f"reads task embeddings of {D_TASK + 1} numbers, .* makes {D_TASK}: use"):
        describer_of(model)


def test_adapter_without_the_name_of_its_encoder_says_what_to_do(encoder):
    model = get_peft_model(base(), moelora(router="task"))
    with pytest.raises(AdapterError, match=r"adapter_config.json names no task_encoder: write there the encoder"):
        describer_of(model)
    found = describer_of(model, encoder=encoder)
    assert found is not None
    assert found.encoder is encoder


def test_active_adapters_that_embed_other_texts_are_refused(encoder_folder):
    name = str(encoder_folder)
    model = get_peft_model(base(), moelora(router="task", task_encoder=name))
    model.add_adapter("other", moelora(router="schema", task_encoder=name))
    model.base_model.set_adapter(["default", "other"])
    with pytest.raises(AdapterError, match="active adapters differ in task_encoder, router or task_sees_given"):
        describer_of(model)
    model.base_model.set_adapter("other")
    found = describer_of(model)
    assert found is not None
    assert not found.sees_text


ENTITIES = Schema((FrameType("person"),))
RELATIONS = Schema((FrameType("knows", family="relations", slots=(SlotType("head"), SlotType("tail"))),))
TRIGGERS = Schema((FrameType("attack", family="events"),))
EVENTS = Schema((FrameType("attack", family="events", slots=(SlotType("attacker"),)),))
CLASSES = Schema((FrameType("urgent", family="classes"),))


@pytest.mark.parametrize(
    ("prompt", "needed"),
    [
        (listing.prompt(ENTITIES, "x"), (1, 1, 0)),
        (listing.prompt(RELATIONS, "x"), (1, 1, 1)),
        (listing.prompt(RELATIONS, "x", given="Ada", wording="Find the relations of these."), (1, 1, 1)),
        (listing.prompt(TRIGGERS, "x"), (1, 1, 0)),
        (listing.prompt(EVENTS, "x"), (1, 1, 1)),
        (listing.prompt(EVENTS, "x", task="arguments", given="bombed"), (1, 1, 1)),
        (listing.prompt(CLASSES, "x"), (1, 0, 0)),
        (FORMATS["typing"].prompt(ENTITIES, "x", given="x"), (1, 0, 0)),
    ],
)
def test_capabilities_follow_from_the_task(prompt, needed):
    assert capabilities_of(prompt) == needed


def test_unknown_task_names_the_known():
    with pytest.raises(AdapterError, match=r"which capabilities 'summary' needs is not known, but of arguments, "):
        capabilities_of(Prompt("entities", "", "", "", task="summary"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("judging", (1, 0, 0)),
        ("associating, judging", (1, 0, 1)),
        ("none", (0, 0, 0)),
        ("1,1,0", (1, 1, 0)),
        ((0, 1, 1), (0, 1, 1)),
        ([True, False, False], (1, 0, 0)),
    ],
)
def test_forced_capabilities_are_read(given, expected):
    assert forced_capabilities(given) == expected


@pytest.mark.parametrize("forced", list(itertools.product((0, 1), repeat=3)))
def test_forced_capabilities_are_read_as_they_are_written(forced):
    assert forced_capabilities(written(forced)) == forced


@given(st.one_of(st.text(max_size=20), st.lists(st.integers(-2, 3), max_size=5)))
def test_anything_else_is_refused_or_is_three_of_0_and_1(text):
    found = (0, 0, 0)
    with contextlib.suppress(AdapterError, UnknownNameError):
        found = forced_capabilities(text)
    assert set(found) <= {0, 1}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("judgin", "unknown capability 'judgin'. Did you mean 'judging'"),
        ("", "unknown capability ''"),
        ("judging,none", "none stands alone, got 'judging,none'"),
        ((1, 1), "need names, as in judging,locating, or 0 or 1 for each of judging, locating, associating"),
        ((1, 1, 2), "got "),
        ("1,0", "got "),
    ],
)
def test_capabilities_that_do_not_fit_are_refused(given, message):
    with pytest.raises((AdapterError, UnknownNameError), match=message):
        forced_capabilities(given)


def test_forced_capabilities_reach_the_context_and_the_identity():
    model = get_peft_model(base(), CapabilityConfig(sub_experts=2, r=1))
    describer = describer_of(model, capabilities="locating")
    assert describer is not None
    context = describe(describer, [PROMPT, PROMPT])
    assert context.forced.tolist() == [0.0, 1.0, 0.0]
    assert context.capabilities.tolist() == [[1, 1, 0]] * 2
    assert describer.identity == {"capabilities": "locating"}


def test_capabilities_need_an_adapter_that_has_them():
    for model in (base(), get_peft_model(base(), moelora(router="token", d_task=0))):
        with pytest.raises(AdapterError, match=r"capabilities \(judging\) can be forced on an adapter of capability"):
            describer_of(model, capabilities="judging")


def test_identity_names_the_encoder_and_its_content(encoder):
    assert Describer(encoder=encoder).identity == {"task_encoder": f"{encoder.name} {encoder.fingerprint}"}
    assert Describer().identity == {}


def test_given_mentions_are_a_field_of_the_saved_configuration(tmp_path):
    get_peft_model(base(), moelora(router="task", task_encoder="e", task_sees_given=True)).save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "adapter_config.json").read_text())
    assert saved["task_sees_given"] is True
    assert saved["task_encoder"] == "e"
