# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, BertConfig, BertModel

from loremill.adapters import CapabilityConfig, MoELoraConfig, RoutingContext, describer_of, routed
from loremill.adapters.folder import CONFIG, WEIGHTS
from loremill.cli import main
from loremill.formats import FORMATS
from loremill.models.loading import load_codec
from loremill.schema import load_schema

from ..tiny import save_tiny, word_piece

SMALL: dict[str, Any] = {"r": 2, "alpha": 4.0, "target_roles": ["q", "v"]}
IDS = torch.tensor([[5, 9, 11, 40, 3]])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny("byte-level", tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random encoder of tasks."""
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = word_piece()
    tokenizer.save_pretrained(folder)
    sizes = {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(3)
    BertModel(BertConfig(vocab_size=len(tokenizer), initializer_range=0.5, **sizes)).save_pretrained(folder)
    return folder


def adapter(base: Path, folder: Path, config: Any) -> PeftModel:
    """A model with a random adapter, which is saved to the folder."""
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.normal_(std=0.3)
    model.save_pretrained(folder)
    return model.eval()


def run(*args: object) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["adapter", *map(str, args)])
    return int(caught.value.code or 0)


def same_logits(base: Path, lora: Path, model: PeftModel, **context: torch.Tensor) -> None:
    plain = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), lora).eval()
    with torch.no_grad(), routed(RoutingContext(**context)):
        torch.testing.assert_close(plain(IDS).logits, model(IDS).logits, rtol=1e-3, atol=1e-3)  # logits of up to 50


def test_show_tells_experts_router_and_size(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    model = adapter(base, tmp_path, MoELoraConfig(**SMALL, experts=3, router="token"))
    capsys.readouterr()  # bars of loading
    assert run("show", tmp_path) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = dict(line.split("  ", 1) for line in out.splitlines()[:-2])
    told = {name.strip(): value.strip() for name, value in lines.items()}
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert told == {
        "kind": "moelora",
        "base model": str(base),
        "experts": "3",
        "rank": "2 each, 6 in all",
        "router": "token",
        "parameters": f"{trained:,}",
        "size": "0.0 MB",
        "modules": "4",
    }
    assert [line.strip() for line in out.splitlines()[-2:]] == [
        "model.layers.*.self_attn.q_proj",
        "model.layers.*.self_attn.v_proj",
    ]


def test_show_gives_json(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    adapter(base, tmp_path, MoELoraConfig(**SMALL, experts=2, ranks=[1, 3], router="constant"))
    assert run("show", tmp_path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["ranks"], told["experts"], told["total_rank"]) == ("moelora", [1, 3], 2, 4)
    assert told["size_bytes"] == (tmp_path / WEIGHTS).stat().st_size


def test_show_knows_plain_loras(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    adapter(base, tmp_path, LoraConfig(r=5, target_modules=["q_proj"]))
    assert run("show", tmp_path) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["kind", "lora"]
    assert "rank        5" in out


def test_export_of_constant_weights(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    model = adapter(base, tmp_path / "experts", MoELoraConfig(**SMALL, experts=3, router="constant"))
    assert run("export", tmp_path / "experts", "-o", tmp_path / "lora") == 0
    assert capsys.readouterr().out == f"rank 6 on 4 modules, 0.0 MB: {tmp_path / 'lora'}\n"
    same_logits(base, tmp_path / "lora", model)


def test_export_for_a_schema_gives_what_extraction_with_it_gives(base: Path, encoder: Path, tmp_path: Path):
    config = MoELoraConfig(**SMALL, experts=3, router="schema_only", task_encoder=str(encoder), d_task=8)
    model = adapter(base, tmp_path / "experts", config)
    assert run("export", tmp_path / "experts", "-o", tmp_path / "lora", "--schema", "person, company") == 0
    describer = describer_of(model)
    assert describer is not None
    prompt = FORMATS["listing"].prompt(load_schema("person, company"), "Ada met Bob.", load_codec(str(base)).writing)
    real = torch.ones_like(IDS, dtype=torch.bool)
    context = describer([prompt], instruction=real, real=real)
    assert context.task is not None
    same_logits(base, tmp_path / "lora", model, task=context.task)


def test_export_of_forced_capabilities(base: Path, tmp_path: Path):
    model = adapter(base, tmp_path / "experts", CapabilityConfig(**SMALL, sub_experts=1))
    assert run("export", tmp_path / "experts", "-o", tmp_path / "lora", "--capabilities", "judging,locating") == 0
    same_logits(base, tmp_path / "lora", model, forced=torch.tensor([1.0, 1.0, 0.0]))


def test_an_existing_folder_needs_overwrite(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    adapter(base, tmp_path / "experts", MoELoraConfig(**SMALL, experts=2, router="constant"))
    assert run("export", tmp_path / "experts", "-o", tmp_path / "lora") == 0
    assert run("export", tmp_path / "experts", "-o", tmp_path / "lora") == 2
    assert "add --overwrite to replace" in capsys.readouterr().err
    assert run("export", tmp_path / "experts", "-o", tmp_path / "lora", "--overwrite") == 0
    assert run("export", tmp_path / "experts", "-o", tmp_path / "experts", "--overwrite") == 2
    assert json.loads((tmp_path / "experts" / CONFIG).read_text())["peft_type"] == "MOELORA"


@pytest.mark.parametrize(
    ("router", "args", "said"),
    [
        ("token", (), "weighs experts token by token"),
        ("schema_only", (), "say for which schema"),
        ("schema_only", ("--schema", "person, lives_in(person, place)"), "one family at a time"),
        ("schema_only", ("--schema", "person", "--format", "lsting"), "Did you mean 'listing'?"),
        ("schema_only", ("--schema", "person", "--model", "./nowhere"), "does not exist"),
        ("token", ("--schema", "person"), "of the router 'schema_only' alone"),
        ("token", ("--model", "nano"), "add --schema"),
        ("token", ("--capabilities", "judging"), "capability experts only"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    router: str, args: tuple[str, ...], said: str, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    d_task = 8 if router == "schema_only" else 0
    adapter(base, tmp_path / "experts", MoELoraConfig(**SMALL, experts=2, router=router, d_task=d_task))
    assert run("export", tmp_path / "experts", "-o", tmp_path / "lora", *args) == 2
    err = capsys.readouterr().err
    assert err.startswith("loremill: ")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "lora").exists()


@pytest.mark.parametrize("command", [("show",), ("export", "-o", "lora")])
def test_a_folder_without_an_adapter_is_one_line(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert run(command[0], tmp_path / "nothing", *command[1:]) == 2
    err = capsys.readouterr().err
    assert "an adapter's folder with adapter_config.json is wanted" in err
    assert err.count("\n") == 1
