# SPDX-License-Identifier: Apache-2.0
"""Seconds of ``loremill extract`` on one sentence, from a fresh process, against the least that transformers needs.

    python benchmarks/cold_start.py --runs 9

The bare arm imports nano's model class and its tokenizer, loads nano's weights and writes as many tokens
about the same words with transformers' own ``generate``. The arms take turns, each in a process of its own;
the table gives each arm's median, and the ratio is the median of the turns' ratios.
"""

from __future__ import annotations

import json as jsonlib
import os
import statistics
import sys
import time
from subprocess import DEVNULL, PIPE, Popen
from typing import Annotated, NamedTuple

import rich
import typer

from loremill.evaluation import Table
from loremill.models.loading import resolve

TEXT = "Ada Lovelace lived in London."
COMMAND = ["-c", "from loremill.cli import main; main()", "extract", TEXT, "--schema", "person, city"]
WORDS = f"entities [SEP] person , city [SEP] {TEXT}"
"""How nano's prompt lays out the text and the schema."""
BARE = """
import sys
import torch
from transformers import BertLMHeadModel, BertTokenizer

folder, words, tokens = sys.argv[1], sys.argv[2], int(sys.argv[3])
tokenizer = BertTokenizer.from_pretrained(folder)
model = BertLMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
prompt = tokenizer(words, return_tensors="pt")
written = model.generate(**prompt, min_new_tokens=tokens, max_new_tokens=tokens, do_sample=False)
print(tokenizer.decode(written[0]))
"""


class Cost(NamedTuple):
    """Of one process, its children included."""

    wall_s: float
    cpu_s: float


def cost(program: list[str], environment: dict[str, str]) -> Cost:
    """Run Python with these arguments to its end."""
    started = time.perf_counter()
    process = Popen([sys.executable, *program], env=environment, stdout=DEVNULL, stderr=DEVNULL)  # noqa: S603
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    if status:
        raise SystemExit(f"failed: python {program}")
    return Cost(wall_s, used.ru_utime + used.ru_stime)


def main(
    runs: Annotated[int, typer.Option(min=1, help="turns of both arms")] = 9,
    threads: Annotated[int, typer.Option(min=0, help="torch threads of both arms; 0: torch's choice")] = 0,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Time both arms in turn and print medians and ratio."""
    # compiled modules are kept, as in any installation; the first, untimed run of each arm writes them
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"HF_HUB_OFFLINE": "1"} | ({"OMP_NUM_THREADS": str(threads)} if threads else {})
    with Popen([sys.executable, *COMMAND, "--json"], env=environment, stdout=PIPE) as probe:  # noqa: S603
        tokens = jsonlib.loads(probe.communicate()[0])["usage"]["completion_tokens"]
    arms = {"loremill extract": COMMAND, "bare transformers": ["-c", BARE, resolve("nano"), WORDS, str(tokens)]}
    cost(arms["bare transformers"], environment)
    costs: dict[str, list[Cost]] = {name: [] for name in arms}
    for _ in range(runs):
        for name, program in arms.items():
            costs[name].append(cost(program, environment))
    rows = [(name, *(statistics.median(values) for values in zip(*costs[name], strict=True))) for name in arms]
    turns = list(zip(*costs.values(), strict=True))
    ratios = [statistics.median(ours[i] / bare[i] for ours, bare in turns) for i in range(len(Cost._fields))]
    title = f"one sentence, {tokens} tokens written, {threads or 'all'} threads, median of {runs}"
    table = Table(title, ("arm", "seconds", "CPU seconds"), (*rows, ("ratio", *ratios)), digits=2)
    if json:
        print(table.to_json())
    else:
        rich.print(table.to_rich())


if __name__ == "__main__":
    typer.run(main)
