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

import json as jsonlib
import os
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Literal

import peft
import rich
import torch
import transformers
import typer
from adapter_arms import ARMS, Setting, build, context_of, make_setting
from peft import PeftModel
from torch import nn
from torch.nn import functional

from loremill.adapters import routed
from loremill.adapters.tuner import ExpertTuner
from loremill.evaluation import Table

WORKS = ("forward", "training step", "decode")


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
    with torch.no_grad(), routed(context_of(rows, ids.shape[1]).to(ids.device)):
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


def records(seconds: dict[str, list[float]], peak: dict[str, int]) -> list[dict[str, Any]]:
    """A row per arm: tokens per second, quartiles of its ratios, peak memory."""
    found = []
    for arm, own in seconds.items():
        against = ARMS[arm].against
        row: dict[str, Any] = {"arm": arm, "tokens_per_s": 1 / statistics.median(own), "against": against}
        row["time_ratio"] = _quartiles([mine / theirs for mine, theirs in zip(own, seconds[against], strict=True)])
        row["loop_ratio"] = _quartiles([theirs / mine for mine, theirs in zip(own, seconds["loop"], strict=True)])
        if peak:
            row |= {"peak_bytes": peak[arm], "peak_ratio": peak[arm] / peak[against]}
        found.append(row)
    return found


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high


def table(title: str, rows: list[dict[str, Any]]) -> Table:
    """The rows as people read them."""

    def ratio(quartiles: tuple[float, float, float]) -> str:
        low, median, high = quartiles
        return f"{median:.2f} ({low:.2f}-{high:.2f})"

    columns = ("arm", "tokens/s", "time / LoRA's", "loop's time / own", "peak MiB", "peak / LoRA's")
    cells = [
        (row["arm"], round(row["tokens_per_s"]), ratio(row["time_ratio"]), ratio(row["loop_ratio"]))
        + ((round(row["peak_bytes"] / 2**20), row["peak_ratio"]) if "peak_bytes" in row else ())
        for row in rows
    ]
    return Table(title, columns[: len(cells[0])] if cells else columns, tuple(cells), digits=2)


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
    for one in work or (WORKS[:2] if made.is_layer else WORKS):
        seconds, missing = time_arms(one, made, rounds, cpu=cpu_time)
        peak = peaks(seconds, threads, given) if memory and one == "training step" else {}
        rows = records(seconds, peak)
        if json:
            print(jsonlib.dumps({"work": one, "about": about, "rows": rows, "missing": missing}))
            continue
        rich.print(table(f"{one}: {about}", rows).to_rich())
        for arm, reason in missing.items():
            print(f"no {arm}: {reason}")


if __name__ == "__main__":
    typer.run(main)
