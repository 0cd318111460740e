# SPDX-License-Identifier: Apache-2.0
"""PEFT and transformers do with our adapters what they do with their own, or say why not."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model, inject_adapter_in_model
from safetensors.torch import load_file
from torch import nn
from transformers import AutoModelForCausalLM, PreTrainedModel

from loremill.adapters import CapabilityConfig, MoELoraConfig, RoutingContext, routed
from loremill.adapters.hooks import _RUNNING
from loremill.adapters.layer import ExpertLinear
from loremill.adapters.passes import _PASS
from loremill.errors import AdapterError, UnknownNameError

from .models import D_TASK, VOCABULARY, adapted, base, randomise

ROWS, TOKENS = 3, 8


def inputs(*, seed: int = 0, rows: int = ROWS, d_task: int = D_TASK) -> dict[str, torch.Tensor]:
    """A batch with all that any gate reads, as keywords."""
    rng = torch.Generator().manual_seed(seed)
    instruction = torch.zeros(rows, TOKENS, dtype=torch.bool)
    instruction[:, 1:5] = True
    return {
        "input_ids": torch.randint(3, VOCABULARY, (rows, TOKENS), generator=rng),
        "attention_mask": torch.ones(rows, TOKENS, dtype=torch.long),
        "instruction": instruction,
        "task": torch.randn(rows, d_task, generator=rng),
        "capabilities": torch.tensor([[1, 1, 0], [1, 0, 0], [1, 1, 1]])[:rows],
    }


def plain(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What the base model reads of a batch."""
    return {name: batch[name] for name in ("input_ids", "attention_mask")}


def context(batch: dict[str, torch.Tensor]) -> RoutingContext:
    return RoutingContext(**{name: batch[name] for name in ("instruction", "task", "capabilities")})


def float_model(adapter: str, *, seed: int = 4) -> PeftModel:
    model = adapted("llama", adapter, dtype=torch.float32)
    randomise(model, seed=seed)
    return model


def logits(model: nn.Module, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    with torch.no_grad():
        return model(**batch).logits


@pytest.fixture
def no_pass_left():
    """No test leaves a forward pass or a scope behind."""
    yield
    assert _PASS.get() is None
    assert _RUNNING.get() == ()


pytestmark = pytest.mark.usefixtures("no_pass_left")

EACH = pytest.mark.parametrize("adapter", ["token", "task", "top_k", "constant", "soft", "hard"])


@EACH
@pytest.mark.parametrize("low_cpu_mem_usage", [False, True])
def test_a_saved_adapter_gives_the_same_logits(adapter, low_cpu_mem_usage, tmp_path):
    model = float_model(adapter)
    model.save_pretrained(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"adapter_config.json", "adapter_model.safetensors"}
    again = PeftModel.from_pretrained(base("llama", torch.float32), tmp_path, low_cpu_mem_usage=low_cpu_mem_usage)
    torch.testing.assert_close(logits(again.eval(), inputs()), logits(model, inputs()), rtol=0, atol=0)


def test_a_folder_holds_the_adapter_s_tensors_alone_under_names_without_its_own(tmp_path):
    model = float_model("task")
    model.save_pretrained(tmp_path)
    saved = load_file(tmp_path / "adapter_model.safetensors")
    layers = [m for m in model.modules() if isinstance(m, ExpertLinear)]
    assert len(saved) == 4 * len(layers)
    path = "base_model.model.model.layers.0.self_attn.q_proj.moelora_"
    assert {f"{path}bank.A", f"{path}bank.B", f"{path}gate.token", f"{path}gate.task"} < saved.keys()


@EACH
def test_transformers_loads_a_folder_into_the_base(adapter, tmp_path):
    model = float_model(adapter)
    model.save_pretrained(tmp_path)
    other = base("llama", torch.float32)
    other.load_adapter(str(tmp_path), adapter_name="mine")
    torch.testing.assert_close(logits(other, inputs()), logits(model, inputs()), rtol=0, atol=0)
    other.disable_adapters()
    torch.testing.assert_close(logits(other, plain(inputs())), logits(base("llama", torch.float32), plain(inputs())))
    other.enable_adapters()
    other.delete_adapter("mine")
    torch.testing.assert_close(logits(other, plain(inputs())), logits(base("llama", torch.float32), plain(inputs())))


def test_transformers_loads_base_and_adapter_from_the_adapter_s_folder(tmp_path):
    base("llama", torch.float32).save_pretrained(tmp_path / "base")
    under = AutoModelForCausalLM.from_pretrained(tmp_path / "base")
    model = get_peft_model(under, MoELoraConfig(experts=3, d_task=D_TASK))
    randomise(model)
    model.eval().save_pretrained(tmp_path / "adapter")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "adapter")
    torch.testing.assert_close(logits(again, inputs()), logits(model, inputs()), rtol=0, atol=0)


def test_an_injected_adapter_reads_keywords_and_scopes_alike():
    model = inject_adapter_in_model(MoELoraConfig(experts=3, d_task=D_TASK), base("llama", torch.float32))
    randomise(model)
    batch = inputs()
    with routed(context(batch)):
        in_scope = logits(model, plain(batch))
    torch.testing.assert_close(logits(model, batch), in_scope, rtol=0, atol=0)
    assert not torch.equal(in_scope, logits(model, {**batch, "task": batch["task"].flip(0)}))


@pytest.mark.parametrize("task_type", [None, "CAUSAL_LM"])
def test_keywords_and_scopes_are_alike_through_peft(task_type):
    model = get_peft_model(base("llama", torch.float32), MoELoraConfig(experts=3, d_task=D_TASK, task_type=task_type))
    randomise(model.eval())
    batch = inputs()
    with routed(context(batch)):
        in_scope = logits(model, plain(batch))
    torch.testing.assert_close(logits(model, batch), in_scope, rtol=0, atol=0)


def two_adapters() -> PeftModel:
    """Task-aware adapters of one base that read unlike encoders."""
    model = float_model("task")
    model.add_adapter("wide", MoELoraConfig(experts=2, r=3, d_task=2 * D_TASK, target_roles=["q", "down"]))
    randomise(model)
    return model


def test_adapters_of_unlike_encoders_stand_side_by_side(tmp_path):
    model = two_adapters()
    narrow, wide = inputs(), inputs(d_task=2 * D_TASK)
    first = logits(model, narrow)
    model.set_adapter("wide")
    second = logits(model, wide)
    assert not torch.allclose(first, second)
    with pytest.raises(AdapterError, match=r"reads task embeddings of 22 numbers, got \(3, 11\)"):
        model(**narrow)
    model.save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(base("llama", torch.float32), tmp_path, adapter_name="default")
    again.load_adapter(tmp_path / "wide", adapter_name="wide")
    torch.testing.assert_close(logits(again.eval(), narrow), first, rtol=0, atol=0)
    again.set_adapter("wide")
    torch.testing.assert_close(logits(again, wide), second, rtol=0, atol=0)


def test_adapters_that_are_active_together_add_up():
    model = float_model("token")
    model.add_adapter("more", MoELoraConfig(experts=2, router="token", target_roles=["down"], layers_to_transform=[1]))
    randomise(model)
    layer = next(m for m in model.modules() if isinstance(m, ExpertLinear) and "more" in m.banks)
    kept = {}
    layer.register_forward_hook(lambda module, args, output: kept.update({tuple(module.active_adapters): output}))
    layer.base_layer.register_forward_hook(lambda module, args, output: kept.update(base=output))
    for active in (["default"], ["more"], ["default", "more"]):
        model.base_model.set_adapter(active)
        logits(model, inputs()) if active != ["more"] else None
    together, alone, under = kept[("default", "more")], kept[("default",)], kept["base"]
    model.base_model.set_adapter("more")
    for other in model.modules():  # the layer's input is what it was: the others keep their adapter
        if isinstance(other, ExpertLinear) and other is not layer:
            other.set_adapter("default")
    logits(model, inputs())
    torch.testing.assert_close(together - under, (alone - under) + (kept[("more",)] - under))


def test_a_deleted_adapter_leaves_the_others():
    model = two_adapters()
    before = logits(model, inputs())
    model.delete_adapter("wide")
    assert set(model.peft_config) == {"default"}
    assert not any("wide" in name for name, _ in model.named_parameters())
    torch.testing.assert_close(logits(model, inputs()), before, rtol=0, atol=0)


@EACH
def test_a_disabled_adapter_leaves_the_base_s_logits(adapter):
    model, batch = float_model(adapter), inputs()
    expected = logits(base("llama", torch.float32), plain(batch))
    assert not torch.allclose(logits(model, batch), expected)
    with model.disable_adapter():
        torch.testing.assert_close(logits(model, plain(batch)), expected, rtol=0, atol=0)


def test_unloading_gives_the_base_back_and_takes_the_hooks_off():
    model, batch = float_model("task"), inputs()
    under = model.unload()
    assert isinstance(under, PreTrainedModel)
    assert not any(isinstance(m, ExpertLinear) for m in under.modules())
    assert not under._forward_hooks
    assert not under._forward_pre_hooks
    assert not [name for name in vars(under) if "loremill" in name]
    fresh = base("llama", torch.float32)
    assert under.state_dict().keys() == fresh.state_dict().keys()
    torch.testing.assert_close(logits(under, plain(batch)), logits(fresh, plain(batch)), rtol=0, atol=0)
    again = get_peft_model(under, CapabilityConfig(sub_experts=2))
    assert len(again.get_base_model()._forward_hooks) == 1


def test_another_kind_of_experts_on_the_same_base_is_refused():
    model = base("llama", torch.float32)
    model.add_adapter(MoELoraConfig(experts=2, router="token"), "first")
    with (
        pytest.warns(UserWarning, match="Already found a `peft_config`"),
        pytest.raises(AdapterError, match="the model has MoELoraLinear layers, beside which no CapabilityLinear"),
    ):
        model.add_adapter(CapabilityConfig(), "second")
    assert set(model.peft_config) == {"first"}
    with pytest.raises(ValueError, match="Cannot combine adapters with different peft types"):
        float_model("token").add_adapter("plain", LoraConfig(target_modules=["q_proj"]))


@pytest.mark.parametrize("call", ["merge_and_unload", "merge_adapter"])
@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_merging_is_refused_with_the_reason(call, adapter):
    model = float_model(adapter)
    with pytest.raises(AdapterError, match="cannot be merged into the weights, for their gate weighs them token by"):
        getattr(model, call)()
    logits(model, inputs())


@pytest.mark.parametrize("task_type", [None, "CAUSAL_LM"])
def test_an_adapter_for_each_row_is_refused(task_type):
    model = get_peft_model(base("llama"), MoELoraConfig(experts=2, router="token", task_type=task_type))
    rows = {**plain(inputs()), "adapter_names": ["default", "__base__", "default"]}
    for call in (model, model.generate):
        with pytest.raises(AdapterError, match="adapter_names, an adapter for each row, is not supported by experts"):
            call(**rows)


@pytest.mark.parametrize("task_type", [None, "CAUSAL_LM"])
def test_a_keyword_that_nothing_reads_is_refused(task_type):
    model = get_peft_model(base("llama"), MoELoraConfig(experts=2, d_task=D_TASK, task_type=task_type))
    with pytest.raises(UnknownNameError, match=r"'tasks'. Did you mean 'task'"):
        model(**plain(inputs()), tasks=inputs()["task"])
    with pytest.raises(ValueError, match=r"not used by the model: \['tasks'\]"), routed(context(inputs())):
        model.generate(**plain(inputs()), tasks=inputs()["task"], max_new_tokens=1)


def test_the_base_without_peft_refuses_unknown_keywords_too():
    model = inject_adapter_in_model(MoELoraConfig(experts=2, router="token"), base("llama"))
    with pytest.raises(UnknownNameError, match=r"'capability'. Did you mean 'capabilities'"):
        model(**plain(inputs()), capability=1)


def test_values_of_other_rows_than_the_batch_s_are_refused():
    model, batch = float_model("task"), inputs()
    with pytest.raises(AdapterError, match=r"the batch has 3 rows, but the routing context is about \[1\]"):
        model(**plain(batch), task=batch["task"][:1])
    with pytest.raises(AdapterError, match=r"the batch has 3 rows, but the routing context is about \[2\]"):
        model(**plain(batch), task=batch["task"][:2])


def test_a_keyword_of_none_is_as_if_it_were_not_given():
    model, batch = float_model("task"), inputs()
    with routed(context(batch)):
        torch.testing.assert_close(logits(model, {**plain(batch), "task": None}), logits(model, batch))


@EACH
def test_a_copy_is_a_model_of_its_own(adapter):
    model, batch = float_model(adapter), inputs()
    before = logits(model, batch)
    other = copy.deepcopy(model)
    torch.testing.assert_close(logits(other, batch), before, rtol=0, atol=0)
    randomise(other, seed=9)
    assert not torch.allclose(logits(other, batch), before)
    torch.testing.assert_close(logits(model, batch), before, rtol=0, atol=0)
    other.unload()
    torch.testing.assert_close(logits(model, batch), before, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("adapter", ["task", "constant", "soft"])
def test_an_adapter_is_float32_on_a_base_in_half_precision(dtype, adapter, tmp_path):
    exact = float_model(adapter)
    exact.save_pretrained(tmp_path)
    model = PeftModel.from_pretrained(base("llama", dtype), tmp_path).eval()
    own = [p for name, p in model.named_parameters() if "_bank." in name or "_gate." in name]
    assert {p.dtype for p in own} == {torch.float32}
    found = logits(model, inputs())
    assert found.dtype == dtype
    # eps of the precision (2^-8, 2^-11) in each of some 20 sums on the way, of logits of order 1
    tolerance = 40 * torch.finfo(dtype).eps
    expected = logits(exact, inputs())
    torch.testing.assert_close(found.float(), expected, rtol=tolerance, atol=tolerance * expected.abs().max().item())


@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_an_adapter_may_be_in_the_base_s_half_precision(adapter, tmp_path):
    exact = float_model(adapter)
    exact.save_pretrained(tmp_path)
    model = PeftModel.from_pretrained(base("llama", torch.bfloat16), tmp_path, autocast_adapter_dtype=False).eval()
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    expected = logits(exact, inputs())
    tolerance = 40 * torch.finfo(torch.bfloat16).eps  # as above
    torch.testing.assert_close(
        logits(model, inputs()).float(), expected, rtol=tolerance, atol=tolerance * expected.abs().max().item()
    )


@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_under_autocast_gradients_are_of_the_adapter_s_precision(adapter):
    model = float_model(adapter).train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        model(**inputs(), labels=inputs()["input_ids"]).loss.backward()
    gradients = [p.grad for p in model.parameters() if p.requires_grad]
    assert all(g is not None and g.dtype == torch.float32 and g.isfinite().all() for g in gradients)


def test_modules_to_save_are_trained_saved_and_loaded(tmp_path):
    config = MoELoraConfig(experts=2, d_task=D_TASK, modules_to_save=["lm_head"])
    model = get_peft_model(base("llama", torch.float32), config)
    randomise(model.eval())
    head = model.get_base_model().lm_head.modules_to_save["default"]
    assert head.weight.requires_grad
    nn.init.normal_(head.weight)
    model.save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(base("llama", torch.float32), tmp_path).eval()
    torch.testing.assert_close(logits(again, inputs()), logits(model, inputs()), rtol=0, atol=0)


def test_only_the_active_adapter_learns():
    model = float_model("task")
    names = {name for name, p in model.named_parameters() if p.requires_grad}
    assert names == {name for name, _ in model.named_parameters() if ".moelora_" in name}
    loaded = copy.deepcopy(model)
    loaded.add_adapter("later", MoELoraConfig(experts=2, router="token"))
    assert {name for name, p in loaded.named_parameters() if p.requires_grad} == names
    loaded.set_adapter("later")
    assert {n.split(".")[-2] for n, p in loaded.named_parameters() if p.requires_grad} == {"later"}


@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_a_loaded_adapter_learns_only_if_it_is_to(adapter, tmp_path):
    float_model(adapter).save_pretrained(tmp_path)
    frozen = PeftModel.from_pretrained(base("llama", torch.float32), tmp_path)
    assert not any(p.requires_grad for p in frozen.parameters())
    learns = PeftModel.from_pretrained(base("llama", torch.float32), tmp_path, is_trainable=True)
    assert any(p.requires_grad for p in learns.parameters())


@pytest.mark.parametrize("through", ["peft", "transformers"])
@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_checkpointing_gives_the_same_gradients(adapter, through, tmp_path):
    def gradients(checkpointing: bool) -> dict[str, torch.Tensor]:
        model = float_model(adapter)
        under = model.get_base_model()
        under.train()
        if checkpointing:
            (model if through == "peft" else under).activation_checkpointing_enable()
            assert under.is_activation_checkpointing
            under.enable_input_require_grads()
        output = (model if through == "peft" else under)(**inputs(), labels=inputs()["input_ids"], use_cache=False)
        output.loss.backward()
        return {name: p.grad for name, p in model.named_parameters() if p.requires_grad}

    without, with_it = gradients(False), gradients(True)
    assert without.keys() == with_it.keys()
    for name, expected in without.items():
        torch.testing.assert_close(with_it[name], expected, msg=name)


def test_the_reentrant_kind_of_checkpointing_is_refused():
    model = float_model("task").train()
    model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": True})
    with pytest.raises(AdapterError, match="needs use_reentrant=False"):
        model(**inputs(), labels=inputs()["input_ids"], use_cache=False)


@pytest.mark.parametrize("return_dict", [True, False])
def test_auxiliary_losses_are_added_to_the_loss_in_training(return_dict):
    model, batch = float_model("soft"), {**inputs(), "labels": inputs()["input_ids"]}
    plain_loss = model(**batch).loss
    with routed(context(batch), collect=True) as scope:
        model.train()(**plain(batch), labels=batch["labels"])
    losses = model.base_model.all_auxiliary_losses(scope)
    assert set(losses) == {"entropy", "bce"}
    expected = plain_loss + sum(weight * loss for weight, loss in losses.values())
    output = model(**batch, return_dict=return_dict)
    torch.testing.assert_close(output.loss if return_dict else output[0], expected)
    assert (expected - plain_loss).abs() > 1e-3


def test_a_scope_that_collects_has_the_losses_and_the_output_has_not():
    model, batch = float_model("soft"), {**inputs(), "labels": inputs()["input_ids"]}
    expected = model(**batch).loss
    with routed(context(batch), collect=True) as scope:
        found = model.train()(**plain(batch), labels=batch["labels"]).loss
    torch.testing.assert_close(found, expected)
    assert len(scope.statistics) == 6  # gate, up and down of two layers


def test_passes_of_one_step_share_the_auxiliary_losses_by_their_tokens():
    model, batch = float_model("soft").train(), inputs()
    labels = batch["input_ids"].clone()
    labels[0, :5] = -100
    count = (labels[:, 1:] != -100).sum()
    parts = [{name: value[rows] for name, value in batch.items()} | {"labels": labels[rows]} for rows in ([0], [1, 2])]
    whole = sum(model(**part, num_items_in_batch=count).loss for part in parts)
    own = [(part["labels"][:, 1:] != -100).sum() for part in parts]
    expected = sum(model(**part).loss * n for part, n in zip(parts, own, strict=True)) / count
    torch.testing.assert_close(whole, expected)


def test_losses_of_two_adapters_are_told_apart():
    model = float_model("soft")
    model.add_adapter("other", CapabilityConfig(sub_experts=2, entropy_weight=0.5, target_roles=["up"]))
    randomise(model)
    model.base_model.set_adapter(["default", "other"])
    with routed(context(inputs()), collect=True) as scope:
        model(**plain(inputs()))
    losses = model.base_model.all_auxiliary_losses(scope)
    assert set(losses) == {f"{adapter}.{name}" for adapter in ("default", "other") for name in ("entropy", "bce")}
    assert losses["other.entropy"][0] == 0.5
    model.base_model.set_adapter("other")
    with routed(context(inputs()), collect=True) as scope:
        model(**plain(inputs()))
    assert set(model.base_model.all_auxiliary_losses(scope)) == {"entropy", "bce"}


class Pupil(nn.Module):
    """A feed-forward part in whose forward a teacher with experts runs."""

    def __init__(self, inner: nn.Module, teacher: PeftModel) -> None:
        super().__init__()
        self.inner = inner
        self.teachers = [teacher]
        self.heard: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.heard.append(logits(self.teachers[0], inputs(seed=7)))
        return self.inner(x)


@pytest.mark.parametrize("adapter", ["task", "soft"])
def test_a_teacher_within_its_pupil_s_pass_keeps_its_own_context(adapter):
    model, teacher, batch = float_model(adapter), float_model("task", seed=5), inputs()
    expected, teaching = logits(model, batch), logits(teacher, inputs(seed=7))
    layers = model.get_base_model().model.layers
    layers[0].mlp = Pupil(layers[0].mlp, teacher)
    with routed(context(batch)):
        torch.testing.assert_close(logits(model, plain(batch)), expected, rtol=0, atol=0)
    torch.testing.assert_close(logits(model, batch), expected, rtol=0, atol=0)
    for heard in layers[0].mlp.heard:
        torch.testing.assert_close(heard, teaching, rtol=0, atol=0)


def test_a_teacher_in_a_scope_that_collects_leaves_the_pupil_s_statistics():
    model, teacher, batch = float_model("soft"), float_model("soft", seed=5), inputs()
    with routed(context(batch), collect=True) as alone:
        model(**plain(batch))
    with routed(context(batch), collect=True) as both:
        model(**plain(batch))
        logits(teacher, plain(batch))
    for layer, statistics in alone.statistics.items():
        torch.testing.assert_close(both.statistics[layer].weight_sum, statistics.weight_sum)


@pytest.mark.parametrize("shared", [False, True])
def test_threads_keep_their_contexts_apart(shared):
    first = float_model("task")
    models = [first, first if shared else float_model("task", seed=5)]
    batches = [inputs(seed=1), inputs(seed=2)]
    expected = [logits(m, b) for m, b in zip(models, batches, strict=True)]
    gate = threading.Barrier(2, timeout=60)

    def wait(*_):
        gate.wait()

    for model in {id(m): m for m in models}.values():  # both are within their pass before either goes on
        model.get_base_model().model.layers[0].register_forward_hook(wait)
    found: dict[int, torch.Tensor] = {}

    def work(number: int) -> None:
        with routed(context(batches[number])):
            found[number] = logits(models[number], plain(batches[number]))

    threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for number in (0, 1):
        torch.testing.assert_close(found[number], expected[number], rtol=0, atol=0)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_inside_a_forward_leaves_no_pass_behind(error):
    model, batch = float_model("soft"), inputs()
    expected = logits(model, batch)

    def fail(*_):
        raise error("stop")

    hook = model.get_base_model().model.layers[1].register_forward_hook(fail)
    with pytest.raises(error, match="stop"):
        model(**batch)
    hook.remove()
    if error is RuntimeError:  # after others torch calls no hooks: the model's next pass clears up
        assert _PASS.get() is None
    torch.testing.assert_close(logits(model, batch), expected, rtol=0, atol=0)


def test_a_pass_that_is_refused_leaves_the_outer_one():
    model, teacher, batch = float_model("task"), float_model("task", seed=5), inputs()
    expected = logits(model, batch)

    def refused(*_):
        with pytest.raises(AdapterError, match="the batch has 3 rows"):
            teacher(**plain(batch), task=batch["task"][:2])

    model.get_base_model().model.layers[0].register_forward_hook(refused)
    torch.testing.assert_close(logits(model, batch), expected, rtol=0, atol=0)


def test_a_layer_outside_its_model_says_what_it_needs():
    layer = next(m for m in float_model("task").modules() if isinstance(m, ExpertLinear))
    with pytest.raises(AdapterError, match="was called outside its model's forward pass"):
        layer(torch.randn(1, 2, 24))


def test_what_is_not_given_is_asked_for_by_name():
    with pytest.raises(AdapterError, match=r"q_proj.default needs 'task' of the batch.*routed\(RoutingContext\(task="):
        float_model("task")(**plain(inputs()))


def test_the_configuration_on_disk_is_plain(tmp_path: Path):
    float_model("task").save_pretrained(tmp_path)
    settings = json.loads((tmp_path / "adapter_config.json").read_text())
    assert settings["peft_type"] == "MOELORA"
    assert settings["task_type"] == "CAUSAL_LM"
    assert settings["target_modules"].endswith(r"mlp\.down_proj)")
