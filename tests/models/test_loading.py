# SPDX-License-Identifier: Apache-2.0
"""What can be loaded, what cannot and why, and what identifies it."""

from __future__ import annotations

import gc
import json
import re
import shutil
import subprocess
import sys

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, CanineTokenizer

from loremill.errors import LoremillError, ModelError
from loremill.models import load_model
from loremill.models.loading import fingerprint, load
from loremill.models.local import LocalModel
from loremill.models.subword import SubwordCodec
from loremill.models.wordpiece import WordPieceCodec
from loremill.prompt import Prompt, Request

from ..tiny import word_piece

PROMPT = Prompt("entities", "Find.", "person", "Ada was in Coimbra")
TARGETS = {"byte-level": ["q_proj", "v_proj"], "WordPiece": ["query", "value"]}


@pytest.fixture(params=TARGETS)
def adapted(request, tiny, tmp_path):
    """Folders of a model and of a LoRA adapter for it, both factors random."""
    base = AutoModelForCausalLM.from_pretrained(tiny(request.param))
    config = LoraConfig(r=2, target_modules=TARGETS[request.param], task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    rng = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.3)
    model.save_pretrained(tmp_path / "adapter")
    return str(tiny(request.param)), str(tmp_path / "adapter")


def test_adapter_changes_probabilities_and_identity(adapted):
    name, adapter = adapted
    bare, held = load_model(name, device="cpu"), load_model(name, adapter=adapter, device="cpu")
    pair = (PROMPT, " person: Ada")
    exact = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(name), adapter).merge_and_unload()
    bare.model, merged = exact.eval(), load_model(name, device="cpu")
    assert held.loglik([pair])[0].token_logprobs == pytest.approx(bare.loglik([pair])[0].token_logprobs, abs=1e-4)
    assert abs(held.loglik([pair])[0].total - merged.loglik([pair])[0].total) > 0.01
    assert merged.identity["adapter"] == ""
    assert held.identity["adapter"] == fingerprint(adapter)
    assert {**held.identity, "adapter": ""} == merged.identity


def test_adapter_s_completions_are_those_of_the_merged_model(adapted):
    name, adapter = adapted
    held = load_model(name, adapter=adapter, device="cpu")
    merged = load_model(name, device="cpu")
    merged.model = PeftModel.from_pretrained(merged.model, adapter).merge_and_unload().eval()
    asked = [Request(PROMPT, None, 6), Request(Prompt("entities", "Find.", "person", "fox"), None, 9)]
    for one, other in zip(held.complete(asked), merged.complete(asked), strict=True):
        assert one.text == other.text
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)


def test_weights_and_configuration_are_the_identity(tiny, tmp_path):
    copy = shutil.copytree(tiny("WordPiece"), tmp_path / "copy")
    assert fingerprint(str(copy)) == fingerprint(str(tiny("WordPiece")))
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "prompt_mask": "causal"}))
    assert fingerprint(str(copy)) != fingerprint(str(tiny("WordPiece")))


def test_hub_name_stands_for_itself():
    assert fingerprint("someone/model") == "someone/model"


def test_codec_follows_the_configuration(tiny):
    assert isinstance(load(str(tiny("WordPiece")), device="cpu").codec, WordPieceCodec)
    assert isinstance(load(str(tiny("chat")), device="cpu").codec, SubwordCodec)


@pytest.mark.parametrize(("dtype", "expected"), [("auto", "float32"), ("bfloat16", "bfloat16")])
def test_model_on_a_cpu_computes_in_float32_unless_told(tiny, dtype, expected):
    model = load_model(str(tiny("WordPiece")), device="cpu", dtype=dtype)
    assert model.identity["dtype"] == expected
    assert next(model.complete([Request(PROMPT, None, 2)])).usage.completion_tokens == 2


def one_line(error: LoremillError) -> str:
    assert "\n" not in str(error)
    return str(error)


@pytest.mark.parametrize("name", ["./nowhere", "a/b/c", "~/nowhere"])
def test_missing_folder_is_named(name):
    with pytest.raises(ModelError) as raised:
        load_model(name)
    assert one_line(raised.value) == (
        f"model folder {name!r} does not exist: give a folder, a Hugging Face name or 'nano'"
    )


def test_unknown_name_is_one_line():
    with pytest.raises(ModelError) as raised:
        load_model("no-such-model-of-anyone")
    assert one_line(raised.value).startswith("model 'no-such-model-of-anyone' cannot be loaded: ")


def test_folder_without_a_model_is_one_line(tmp_path):
    with pytest.raises(ModelError) as raised:
        load_model(str(tmp_path))
    assert "cannot be loaded" in one_line(raised.value)


def test_broken_weights_are_one_line(tiny, tmp_path):
    copy = shutil.copytree(tiny("WordPiece"), tmp_path / "copy")
    (copy / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError) as raised:
        load_model(str(copy))
    assert "cannot be loaded" in one_line(raised.value)


def test_broken_configuration_is_one_line(tiny, tmp_path):
    copy = shutil.copytree(tiny("WordPiece"), tmp_path / "copy")
    (copy / "config.json").write_text("{")
    with pytest.raises(ModelError) as raised:
        load_model(str(copy))
    assert "cannot be loaded" in one_line(raised.value)


def test_tokenizer_without_a_fast_version_is_refused(tiny, tmp_path):
    copy = shutil.copytree(tiny("byte-level"), tmp_path / "copy")
    for file in copy.glob("tokenizer*"):
        file.unlink()
    CanineTokenizer().save_pretrained(copy)
    with pytest.raises(ModelError) as raised:
        load_model(str(copy))
    assert one_line(raised.value).endswith("has no fast tokenizer, which offsets need")


def test_plain_wordpiece_is_refused(tiny, tmp_path):
    copy = shutil.copytree(tiny("WordPiece"), tmp_path / "copy")
    config = json.loads((copy / "config.json").read_text())
    del config["delimiter_ids"]
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError) as raised:
        load_model(str(copy))
    assert "a WordPiece model needs 'delimiter_ids' in its configuration" in one_line(raised.value)


def test_wordpiece_needs_an_id_for_each_delimiter():
    with pytest.raises(ModelError, match=r"needs a token id for each of : ; , \|"):
        WordPieceCodec(word_piece(), {":": 1})


def test_missing_adapter_is_named(tiny):
    with pytest.raises(ModelError) as raised:
        load_model(str(tiny("WordPiece")), adapter="./nowhere")
    assert one_line(raised.value).startswith("adapter folder './nowhere' does not exist")


def test_folder_without_an_adapter_is_one_line(tiny, tmp_path):
    with pytest.raises(ModelError) as raised:
        load_model(str(tiny("WordPiece")), adapter=str(tmp_path))
    assert "cannot be loaded" in one_line(raised.value)


def test_adapter_of_another_model_is_one_line(tiny, tmp_path):
    base = AutoModelForCausalLM.from_pretrained(tiny("byte-level"))
    get_peft_model(base, LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")).save_pretrained(tmp_path)
    with pytest.raises(ModelError) as raised:
        load_model(str(tiny("WordPiece")), adapter=str(tmp_path))
    assert "cannot be loaded" in one_line(raised.value)


def test_unknown_dtype_names_the_known_ones(tiny):
    with pytest.raises(ModelError, match="dtype needs one of auto, float32, bfloat16, float16, int8, got 'int3'"):
        load_model(str(tiny("WordPiece")), dtype="int3")


@pytest.mark.nano
def test_model_that_ships_loads_by_name():
    assert isinstance(load_model("nano", device="cpu"), LocalModel)


def test_model_without_a_language_models_head_is_one_line(tiny, tmp_path):
    folder = tmp_path / "headless"
    shutil.copytree(tiny("byte-level"), folder)
    weights = load_file(folder / "model.safetensors")
    name = next(key for key in sorted(weights) if "mlp" in key)
    save_file(
        {key: value for key, value in weights.items() if key != name}, folder / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(ModelError, match=rf"lacks 1 weights of a \w+, among them {re.escape(name)}: it is no causal"):
        load(str(folder))


@pytest.mark.parametrize("is_adapted", [False, True])
def test_peft_is_imported_for_an_adapter_only(adapted, is_adapted):
    name, adapter = adapted
    program = (
        "import sys\nfrom loremill.models import load_model\n"
        "load_model(sys.argv[1], adapter=sys.argv[2] if len(sys.argv) > 2 else None, device='cpu')\n"
        "print('peft' in sys.modules)\n"
    )
    command = [sys.executable, "-c", program, name, *([adapter] if is_adapted else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    assert done.stdout == f"{is_adapted}\n"


@pytest.mark.parametrize("is_enabled", [False, True])
@pytest.mark.parametrize("name", ["model", "./nowhere"])
def test_loading_leaves_garbage_collection_as_it_was(tiny, name, is_enabled):
    try:
        if not is_enabled:
            gc.disable()
        if name == "model":
            load_model(str(tiny("WordPiece")), device="cpu")
        else:
            with pytest.raises(ModelError):
                load_model(name)
        assert gc.isenabled() is is_enabled
    finally:
        gc.enable()
