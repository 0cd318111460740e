# SPDX-License-Identifier: Apache-2.0
"""What mixtures of LoRA experts cost beside one LoRA of the same total rank, in one run.

    python benchmarks/adapters.py --setting layer
    python benchmarks/adapters.py --setting llama --threads 2 --json
    python benchmarks/adapters.py --setting nano --work decode --rounds 20

Arms: the frozen base, PEFT's LoRA of rank 32 and 52, ours (a mixture of 8 experts of rank 4 on all linears, routed
by the token, or by token and task; capability experts, 13 of rank 4, on the feed-forward linears, where the LoRA of
rank 52 stands too), the token's mixture as a plain loop over its experts, PEFT's X-LoRA and Arrow over 8 LoRAs of
rank 4. Settings: one linear layer, a Llama of random weights, and nano. A training step is forward and backward,
with auxiliary losses and without an optimizer; the base's is the gradient of its input. Decoding is one token after
another with the cache of a prompt.

Arms take turns in every round, so that a machine whose speed drifts is fair to all; a ratio is that of two arms in
one round, the table gives its median and, in brackets, its quartiles. Peak memory is that of a training step in a
process of its own, over what the process held before it made the model.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Literal

import peft
import rich
import torch
import transformers
import typer
from peft import ArrowConfig, LoraConfig, PeftModel, XLoraConfig, create_arrow_model, get_peft_model
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from loremill.adapters import CapabilityConfig, MoELoraConfig, RoutingContext, routed
from loremill.adapters.targets import FEED_FORWARD, ROLES, target_regex
from loremill.adapters.tuner import ExpertTuner
from loremill.evaluation import Table
from loremill.models.loading import resolve

RANK, ALPHA, EXPERTS, SUB_EXPERTS, D_TASK = 4, 32, 8, 4, 384
WIDTH = 1024
SETTINGS = ("layer", "llama", "nano")
WORKS = ("forward", "training step", "decode")


class Layer(nn.Module):
    """A model of one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, inputs_embeds: Tensor) -> Tensor:
        out: Tensor = self.linear(inputs_embeds)
        return out


class Loop(nn.Module):
    """A linear layer with a mixture as TA-MoELoRA's eqs 1 to 3 are written: one expert after the other."""

    def __init__(self, base_layer: nn.Linear) -> None:
        super().__init__()
        d_in, d_out = base_layer.in_features, base_layer.out_features
        self.base_layer = base_layer
        self.router = nn.Linear(d_in, EXPERTS, bias=False)
        self.A = nn.ModuleList(nn.Linear(d_in, RANK, bias=False) for _ in range(EXPERTS))
        self.B = nn.ModuleList(nn.Linear(RANK, d_out, bias=False) for _ in range(EXPERTS))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.base_layer(x)
        weights = self.router(x).softmax(-1)
        for e, (down, up) in enumerate(zip(self.A, self.B, strict=True)):
            out = out + weights[..., e : e + 1] * up(down(x)) * (ALPHA / RANK)
        return out


@dataclass
class Setting:
    """A frozen base and what is put into it; ``x`` are token ids, of a layer its input."""

    name: str
    base: nn.Module
    x: Tensor
    context: RoutingContext
    decode_rows: int
    decode_steps: int

    @property
    def is_layer(self) -> bool:
        return self.name == "layer"

    @property
    def task_type(self) -> str | None:
        """PEFT's."""
        return None if self.is_layer else "CAUSAL_LM"

    def targets(self, roles: Iterable[str]) -> str:
        return "linear" if self.is_layer else target_regex(self.base.config.model_type, roles)

    def read(self, model: nn.Module) -> Any:
        return model(inputs_embeds=self.x) if self.is_layer else model(input_ids=self.x)

    def copy_of_base(self) -> nn.Module:
        """A copy of the base's modules around the same weights."""
        return deepcopy(self.base, {id(value): value for value in (*self.base.parameters(), *self.base.buffers())})


def make_setting(name: str, tokens: int, layers: int, rows: int, steps: int, device: str) -> Setting:
    torch.manual_seed(0)
    if name == "layer":
        base: nn.Module = Layer()
        x = torch.randn(1, tokens, WIDTH, device=device, requires_grad=True)
    else:
        base = _llama(layers) if name == "llama" else AutoModelForCausalLM.from_pretrained(resolve("nano")).float()
        length = min(256, tokens)
        x = torch.randint(1000, base.config.vocab_size, (tokens // length, length), device=device)
    base = base.to(device).requires_grad_(False)
    return Setting(name, base, x, _context(x.shape[0], x.shape[1]).to(x.device), rows, steps)


def _llama(layers: int) -> nn.Module:
    config = LlamaConfig(
        vocab_size=8192,
        hidden_size=WIDTH,
        intermediate_size=2816,
        num_hidden_layers=layers,
        num_attention_heads=16,
        num_key_value_heads=16,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config)


def _context(rows: int, tokens: int) -> RoutingContext:
    """Rows without padding, the first half instruction; every capability is needed."""
    instruction = (torch.arange(tokens) < max(1, tokens // 2)).expand(rows, -1)
    return RoutingContext(
        real=torch.ones(rows, tokens, dtype=torch.bool),
        instruction=instruction,
        task=torch.randn(rows, D_TASK),
        capabilities=torch.ones(rows, 3),
    )


def _lora(setting: Setting, rank: int, roles: Iterable[str] = ROLES) -> nn.Module:
    targets = setting.targets(roles)
    config = LoraConfig(r=rank, lora_alpha=ALPHA, target_modules=targets, task_type=setting.task_type)
    return get_peft_model(setting.copy_of_base(), config)


def _mixture(setting: Setting, router: str) -> nn.Module:
    config = MoELoraConfig(
        r=RANK,
        experts=EXPERTS,
        router=router,
        d_task=D_TASK if router == "task" else 0,
        target_modules=setting.targets(ROLES),
        task_type=setting.task_type,
    )
    return get_peft_model(setting.copy_of_base(), config)


def _capability(setting: Setting) -> nn.Module:
    targets = setting.targets(FEED_FORWARD)
    config = CapabilityConfig(r=RANK, sub_experts=SUB_EXPERTS, target_modules=targets, task_type=setting.task_type)
    return get_peft_model(setting.copy_of_base(), config)


def _loop(setting: Setting) -> nn.Module:
    model = setting.copy_of_base()
    for path, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and re.fullmatch(setting.targets(ROLES), path):
            model.set_submodule(path, Loop(module).to(module.weight))
    return model


def _saved(setting: Setting, folder: str) -> str:
    _at_random(_lora(setting, RANK)).save_pretrained(folder)
    return folder


def _xlora(setting: Setting) -> nn.Module:
    if setting.is_layer:
        raise NotImplementedError("it reads the hidden states of a transformers model")
    base = setting.copy_of_base()
    base.config = deepcopy(base.config)
    base.config.use_cache = False
    with tempfile.TemporaryDirectory() as folder:
        saved = dict.fromkeys(map(str, range(EXPERTS)), _saved(setting, folder))
        config = XLoraConfig(hidden_size=base.config.hidden_size, adapters=saved, use_trainable_adapters=True)
        return get_peft_model(base, config)


def _arrow(setting: Setting) -> nn.Module:
    with tempfile.TemporaryDirectory() as folder:
        paths = [_saved(setting, folder)] * EXPERTS
        return create_arrow_model(setting.copy_of_base(), paths, ArrowConfig(top_k=3))


@dataclass(frozen=True)
class Arm:
    """A way to adapt the base, and the arm whose time its own is divided by."""

    build: Callable[[Setting], nn.Module]
    against: str = "LoRA 32"


ARMS = {
    "base": Arm(Setting.copy_of_base),
    "LoRA 32": Arm(lambda setting: _lora(setting, RANK * EXPERTS)),
    "token": Arm(lambda setting: _mixture(setting, "token")),
    "task": Arm(lambda setting: _mixture(setting, "task")),
    "LoRA 52": Arm(lambda setting: _lora(setting, RANK * (3 * SUB_EXPERTS + 1), FEED_FORWARD), "LoRA 52"),
    "capability": Arm(_capability, "LoRA 52"),
    "loop": Arm(_loop),
    "X-LoRA": Arm(_xlora),
    "Arrow": Arm(_arrow),
}


def build(setting: Setting, arm: str) -> nn.Module:
    """An arm's model, every trained tensor of it at random."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ARMS[arm].build(setting)
    if arm == "base" and not setting.is_layer:
        model.enable_input_require_grads()
    return _at_random(model)


def _at_random(model: nn.Module) -> nn.Module:
    for value in model.parameters():
        if value.requires_grad:
            nn.init.normal_(value, std=0.02)
    return model


def prepared(work: str, setting: Setting, arm: str, model: nn.Module) -> tuple[Callable[[], None], int]:
    """What is timed, and the tokens it reads or writes.

    Raises:
        NotImplementedError: the arm cannot do it; the message says why.
    """
    if work == "decode":
        return _decoding(setting, arm, model)
    if work == "training step":
        if arm == "Arrow":
            raise NotImplementedError("it trains nothing: its experts are trained apart")
        model.train()
        return lambda: _training_step(setting, model), setting.x.shape[0] * setting.x.shape[1]
    model.eval()
    return lambda: _forward(setting, model), setting.x.shape[0] * setting.x.shape[1]


@torch.no_grad()
def _forward(setting: Setting, model: nn.Module) -> None:
    with routed(setting.context):
        setting.read(model)


def _training_step(setting: Setting, model: nn.Module) -> None:
    with routed(setting.context, collect=True) as scope:
        if setting.is_layer:
            out = setting.read(model)
            loss = functional.mse_loss(out, torch.ones_like(out))
        else:
            loss = model(input_ids=setting.x, labels=setting.x).loss
        tuner = getattr(model, "base_model", None)
        if isinstance(tuner, ExpertTuner):
            for weight, auxiliary in tuner.all_auxiliary_losses(scope).values():
                loss = loss + weight * auxiliary
    loss.backward()
    setting.x.grad = None
    model.zero_grad(set_to_none=True)


def _decoding(setting: Setting, arm: str, model: nn.Module) -> tuple[Callable[[], None], int]:
    if setting.is_layer:
        raise NotImplementedError("a layer has no cache")
    model.eval()
    rows, steps, prompt = setting.decode_rows, setting.decode_steps, setting.x[:1, :128]
    ids = prompt.expand(rows, -1).contiguous()
    if arm == "X-LoRA":  # it refuses a cache: every token reads the prompt again

        def again() -> None:
            with torch.no_grad():
                model(input_ids=ids)

        return again, rows
    inner = model.get_base_model() if isinstance(model, PeftModel) else model  # what generate calls
    with torch.no_grad(), routed(_context(rows, ids.shape[1]).to(ids.device)):
        cache = inner(input_ids=ids, use_cache=True).past_key_values

    def steps_on() -> None:
        with torch.no_grad():
            for _ in range(steps):
                inner(input_ids=ids[:, :1], past_key_values=cache, use_cache=True)
        cache.crop(-steps)

    return steps_on, rows * steps


def time_arms(work: str, setting: Setting, rounds: int, *, cpu: bool) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Seconds per token of each arm and round, and why arms are missing."""
    runs: dict[str, tuple[Callable[[], None], int]] = {}
    missing: dict[str, str] = {}
    for arm in ARMS:
        try:
            run = prepared(work, setting, arm, build(setting, arm))
            run[0]()
            runs[arm] = run
        except Exception as error:  # PEFT's arms fail in many ways; the table says how
            missing[arm] = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
    seconds: dict[str, list[float]] = {arm: [] for arm in runs}
    clock = time.process_time if cpu else time.perf_counter
    for _ in range(rounds):
        for arm, (run_once, tokens) in runs.items():
            _synchronize(setting)
            started = clock()
            run_once()
            _synchronize(setting)
            seconds[arm].append((clock() - started) / tokens)
    return seconds, missing


def _synchronize(setting: Setting) -> None:
    if setting.x.is_cuda:
        torch.cuda.synchronize()


def peak_bytes(arm: str, threads: int, given: tuple[Any, ...]) -> int:
    """Most memory of three training steps in this process beyond what it held before; on CUDA of the allocator."""
    torch.set_num_threads(threads)
    before = _status("VmRSS")
    setting = make_setting(*given)
    model = build(setting, arm)
    run, _ = prepared("training step", setting, arm, model)
    run()
    if setting.x.is_cuda:
        torch.cuda.reset_peak_memory_stats()
    else:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets VmHWM back
    run()
    run()
    return torch.cuda.max_memory_allocated() if setting.x.is_cuda else _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def peaks(arms: Iterable[str], threads: int, given: tuple[Any, ...]) -> dict[str, int]:
    """`peak_bytes` of each arm, each in a fresh process."""
    os.environ["MALLOC_MMAP_THRESHOLD_"] = "65536"  # what is freed goes back at once, so that peaks do not add up
    found = {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for arm in arms:
            found[arm] = pool.submit(peak_bytes, arm, threads, given).result()
    return found


def _quartiles(values: list[float]) -> str:
    low, median, high = statistics.quantiles(values, n=4)
    return f"{median:.2f} ({low:.2f}-{high:.2f})"


def _rows(seconds: dict[str, list[float]], peak: dict[str, int]) -> list[tuple[Any, ...]]:
    rows = []
    for arm, own in seconds.items():
        ratios = [mine / theirs for mine, theirs in zip(own, seconds[ARMS[arm].against], strict=True)]
        loops = [theirs / mine for mine, theirs in zip(own, seconds["loop"], strict=True)]
        row = [arm, round(1 / statistics.median(own)), _quartiles(ratios), _quartiles(loops)]
        if peak:
            row += [f"{peak[arm] / 2**20:.0f}", f"{peak[arm] / peak[ARMS[arm].against]:.2f}"]
        rows.append(tuple(row))
    return rows


def main(
    setting: Annotated[Literal["layer", "llama", "nano"], typer.Option(help="what is adapted")] = "layer",
    work: Annotated[list[str] | None, typer.Option(help=f"of {', '.join(WORKS)}; none given: all")] = None,
    rounds: Annotated[int, typer.Option(min=2, help="turns of all arms")] = 15,
    tokens: Annotated[int, typer.Option(help="in a forward pass; of models in rows of 256")] = 1024,
    layers: Annotated[int, typer.Option(help="of llama")] = 4,
    decode_rows: Annotated[int, typer.Option(help="rows that are decoded together")] = 1,
    decode_steps: Annotated[int, typer.Option(help="tokens decoded in a turn")] = 16,
    threads: Annotated[int, typer.Option(help="torch threads")] = 1,
    cpu_time: Annotated[bool, typer.Option(help="time of the processor, of use with one thread")] = False,
    memory: Annotated[bool, typer.Option(help="measure peak memory too")] = True,
    device: Annotated[str, typer.Option(help="cpu or cuda")] = "cuda" if torch.cuda.is_available() else "cpu",
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Time the arms and print tables."""
    torch.set_num_threads(threads)
    given = (setting, tokens, layers, decode_rows, decode_steps, device)
    made = make_setting(*given)
    size = sum(value.numel() for value in made.base.parameters())
    about = (
        f"{setting} ({size / 1e6:.1f}M), {tuple(made.x.shape[:2])} tokens, decoding {decode_rows} rows, {device}, "
        f"{threads} threads, {'processor' if cpu_time else 'wall'} time, medians (quartiles) of {rounds} rounds, "
        f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
    )
    for one in work or WORKS:
        seconds, missing = time_arms(one, made, rounds, cpu=cpu_time)
        peak = peaks(seconds, threads, given) if memory and one == "training step" else {}
        columns = ("arm", "tokens/s", "time / LoRA's", "loop's time / own")
        columns += ("peak MiB", "peak / LoRA's") if peak else ()
        table = Table(f"{one}: {about}", columns, tuple(_rows(seconds, peak)))
        print(table.to_json()) if json else rich.print(table.to_rich())
        for arm, reason in missing.items():
            typer.echo(f"no {arm}: {reason}", err=json)


if __name__ == "__main__":
    typer.run(main)
