# SPDX-License-Identifier: Apache-2.0
"""More wordings of a task from any model (UC-UIE, figure 4), each checked before it joins a pool.

The model sees pairs of wordings of other tasks as worked examples, and one of the task's own wordings to rewrite.
Decoding may be greedy, so that every attempt shows another wording and other examples.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import ModelError
from ...prompt import Completion, Demonstration, Model, Prompt, Request
from . import POOLS, Task
from .pools import Pools

REQUEST = (
    "Rewrite the instruction given as the text, so that it asks for exactly the same in other words and with another "
    "sentence structure. Keep its meaning, and do not say how the answer is to be written. Answer with the new "
    "instruction alone, on one line."
)
"""What the model is asked to do; the paper's prompt in our words."""
MIN_WORDS, MAX_WORDS = 5, 80
MAX_NEW_TOKENS = 160
EXAMPLES = 3
"""Pairs of other tasks shown with each attempt."""

_PLACEHOLDER = re.compile(r"\{\w*\}")
_DELIMITERS = re.compile(r'[{}\[\]<>|=\\"]')
_FORM = re.compile(
    r"\b(?:json|xml|yaml|csv|markdown|python|output format|bullet points?|brackets?|comma-separated|none|null)\b", re.I
)
_OPENING = re.compile(r"^(?:answer|output|instruction|new instruction|paraphrase|rewritten)\s*:\s*", re.I)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One paraphrase of ``source``: the wording, and why it was refused; ``""`` where it was not."""

    task: Task
    number: int
    source: str
    wording: str
    refused: str = ""


def paraphrase(
    model: Model,
    task: Task,
    count: int,
    *,
    pools: Pools = POOLS,
    seed: int = 0,
    attempts: int,
    done: Sequence[Attempt] = (),
) -> Iterator[Attempt]:
    """Attempts at new wordings of a task, until ``count`` were accepted or there were ``attempts`` of them.

    Attempt n is a function of seed, task and n, whatever was accepted before it. A wording that the pool or an earlier
    attempt has is refused.

    Args:
        done: attempts of an earlier run, from the first on; these are not made again.

    Raises:
        ModelError: the model's prompts show no instruction (nano).
    """
    if model.writing.reserved is not None:
        raise ModelError(
            "paraphrases need a model that reads instructions and writes every character, which nano does not"
        )
    known = [*pools[task], *(a.wording for a in done if not a.refused)]
    missing = count - (len(known) - len(pools[task]))
    asked: deque[tuple[int, str]] = deque()

    def requests() -> Iterator[Request]:
        for number in range(len(done), attempts):
            source, prompt = _prompt(task, number, pools, seed)
            asked.append((number, source))
            yield Request(prompt, max_new_tokens=MAX_NEW_TOKENS)

    if missing < 1:
        return
    for completion in model.complete(requests()):
        number, source = asked.popleft()
        wording = cleaned(completion.text)
        refused = _failure(completion) or refusal(wording, source, known)
        yield Attempt(task, number, source, wording, refused)
        if not refused:
            known.append(wording)
            missing -= 1
            if not missing:
                return


def cleaned(text: str) -> str:
    """A completion without what models write around an answer: blanks, an announcement, a pair of quotes."""
    text = _OPENING.sub("", text.strip())
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`":
        text = text[1:-1].strip()
    return text


def refusal(wording: str, source: str, known: Sequence[str]) -> str:
    """Why a wording may not join a pool, as the end of a sentence; ``""`` if it may.

    Whether it means the same is not looked at.
    """
    words = len(wording.split())
    if not wording:
        return "it is empty"
    if len(wording.splitlines()) > 1:
        return f"it has {len(wording.splitlines())} lines, one is wanted"
    if not wording.isprintable():
        return "it has characters that cannot be printed"
    if not MIN_WORDS <= words <= MAX_WORDS:
        return f"it has {words} words, {MIN_WORDS} to {MAX_WORDS} are wanted"
    wanted, got = sorted(_PLACEHOLDER.findall(source)), sorted(_PLACEHOLDER.findall(wording))
    if wanted != got:
        return f"it has the placeholders {', '.join(got) or 'none'}, the source has {', '.join(wanted) or 'none'}"
    if found := _DELIMITERS.search(_PLACEHOLDER.sub("", wording)):
        return f"it has {found[0]!r}, which belongs to the formats"
    if found := _FORM.search(wording):
        return f"it says how the answer is written ({found[0]!r}), which the format does"
    same = next((other for other in known if _letters(other) == _letters(wording)), None)
    return f"the pool has it: {same!r}" if same is not None else ""


def _failure(completion: Completion) -> str:
    if completion.error is not None:
        return f"the model failed: {completion.error}"
    return "the model was cut off" if completion.finish_reason != "stop" else ""


def _prompt(task: Task, number: int, pools: Pools, seed: int) -> tuple[str, Prompt]:
    rng = random.Random(f"{seed}/{task}/{number}")
    source = rng.choice(pools[task])
    others = [other for other in pools if other != task and len(pools[other]) > 1]
    pairs = [rng.sample(pools[other], 2) for other in rng.sample(others, EXAMPLES)]
    examples = tuple(Demonstration(one, f" {other}") for one, other in pairs)
    return source, Prompt("classes", REQUEST, "", source, demonstrations=examples)


def _letters(wording: str) -> str:
    return "".join(filter(str.isalnum, wording.casefold()))
