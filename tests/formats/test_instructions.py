# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import os
import random
import re
import subprocess
import sys
from collections import Counter
from typing import get_args

import pytest

from loremill.errors import LoremillError, UnknownNameError
from loremill.formats.instructions import POOLS, Task, instruction
from loremill.schema.types import FAMILIES

TASKS: tuple[Task, ...] = get_args(Task)
SPANS: tuple[Task, ...] = ("entities", "relations", "events", "opinions", "arguments", "locating")
CASES = [pytest.param(task, text, id=f"{task}-{i}") for task in TASKS for i, text in enumerate(POOLS[task])]
PARAPHRASES = [pytest.param(task, text, id=f"{task}-{i}") for task in TASKS for i, text in enumerate(POOLS[task]) if i]

CLOSEST = 0.35
"""No two wordings of a task share more of their content words; the nearest two of all share a third."""

CANONICAL = {
    "entities": "Named entity recognition. List every entity of the given types that occurs in the text, "
    "word for word.",
    "relations": "Relation extraction. List every pair of phrases of the text that stand in one of the given "
    "relations.",
    "events": "Event extraction. List every event of the given types: the word of the text that evokes it (its "
    "trigger), then its arguments with their roles.",
    "opinions": "Opinion extraction. List every pair of an aspect and the opinion about it, under its polarity.",
    "classes": "Classification. List the classes that the text belongs to.",
    "arguments": "Event argument extraction. The type and the trigger of an event are given; list its arguments, word "
    "for word, with their roles.",
    "given_relations": "Relation extraction between given entities. The mentions are given; list every pair of them "
    "that stands in one of the given relations.",
    "typing": "Typing. Some words of the text are given; say which one of the types applies to them.",
    "judging": "Type detection. List every one of the given types that the text has an instance of, and leave its "
    "words aside.",
    "locating": "Span location. The given types are known to occur; list every phrase of the text that fills one of "
    "them or of their roles, word for word.",
    "associating": "Association. The types and the mentions are given; put together the mentions that belong to one "
    "relation, event or opinion, each in its role.",
}


def words(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:'[a-z]+)?", text.casefold())


STOP_WORDS = frozenset(
    words(
        "a about all along also an and any are as at be been by do does each every for from has have here how i if "
        "in into is it its me must no not of on one only or out please should so than that the their them then "
        "there these they this those to under up was were what when where which while who whom whose will with "
        "within without would you your"
    )
)


def content(text: str) -> frozenset[str]:
    return frozenset(words(text)) - STOP_WORDS


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


OF_GIVEN = ("arguments", "given_relations", "typing")
SUBTASKS = ("judging", "locating", "associating")


def test_there_is_a_pool_for_every_family_for_what_is_asked_of_given_mentions_and_for_every_capability():
    assert set(POOLS) == set(TASKS) == {*FAMILIES, *OF_GIVEN, *SUBTASKS}


@pytest.mark.parametrize("task", TASKS)
def test_a_pool_has_two_dozen_wordings(task: Task):
    assert len(POOLS[task]) >= 24


@pytest.mark.parametrize("task", TASKS)
def test_the_first_wording_is_the_canonical_one(task: Task):
    assert POOLS[task][0] == CANONICAL[task]
    assert instruction(task) == CANONICAL[task]


def test_no_two_wordings_are_alike_but_for_case_and_small_words():
    everything = [text for pool in POOLS.values() for text in pool]
    assert len({text.casefold() for text in everything}) == len(everything)
    assert len({content(text) for text in everything}) == len(everything)


@pytest.mark.parametrize("task", TASKS)
def test_wordings_of_a_task_share_few_words(task: Task):
    pairs = itertools.combinations(POOLS[task], 2)
    likeness, one, other = max((jaccard(content(a), content(b)), a, b) for a, b in pairs)
    assert likeness <= CLOSEST, (one, other)


@pytest.mark.parametrize("task", TASKS)
def test_wordings_begin_in_many_ways(task: Task):
    openings = Counter(tuple(words(text)[:2]) for text in POOLS[task])
    assert max(openings.values()) <= 2


@pytest.mark.parametrize(("task", "text"), PARAPHRASES)
def test_a_paraphrase_is_one_to_three_sentences(task: Task, text: str):
    assert 12 <= len(words(text)) <= 60
    assert 1 <= len(re.findall(r"[.?](?= [A-Z]|$)", text)) <= 3
    assert text[0].isupper()
    assert text[-1] in ".?"


@pytest.mark.parametrize(("task", "text"), CASES)
def test_a_wording_is_one_line_of_plain_characters(task: Task, text: str):
    assert text.isascii()
    assert text.isprintable()
    assert text == " ".join(text.split())


LAYOUT = (
    r"format\w*|json|python|xml|yaml|html|markdown|outputs?|tables?|tuples?|dict\w*|lists of|lines?|bullets?|brackets?|"
    r"quot\w+|strings?|commas?|colons?|semicolons?|separat\w+ by|delimit\w+|templates?|code|underlin\w+|highlight\w*"
)
ABSENCE = r"none|nothing|empty|null|if there (?:is|are) no\w*"
PLACES_IN_PROMPT = r"above|below|following|preceding|examples|demonstrations?"


@pytest.mark.parametrize(("task", "text"), CASES)
def test_a_wording_leaves_the_answer_s_form_to_the_format(task: Task, text: str):
    assert not re.search(rf"\b(?:{LAYOUT}|{ABSENCE})\b", text, re.IGNORECASE)
    assert not re.search(r'["{}\[\]<>|=/\\]|: \w+[:;,]', text)


@pytest.mark.parametrize(("task", "text"), CASES)
def test_a_wording_supposes_no_order_of_the_prompt(task: Task, text: str):
    assert not re.search(rf"\b(?:{PLACES_IN_PROMPT})\b", text, re.IGNORECASE)


SPELT_TWO_WAYS = (
    r"(?:anal|catal)y[sz]\w*(?<!analysis)|\w*(?:cogni|catego?ri|characteri|criti?ci|summari|organi)[sz]\w+|labell?ed|"
    r"labell?ing|modell?ing|(?:behavi|col|fav|hon)ou?r\w*|towards?|judge?ments?|spelt|whilst|among?st"
)


@pytest.mark.parametrize(("task", "text"), CASES)
def test_a_wording_is_spelt_alike_on_both_sides_of_the_atlantic(task: Task, text: str):
    assert not re.search(rf"\b(?:{SPELT_TWO_WAYS})\b", text, re.IGNORECASE)


CLOSED = (
    r"given|listed|requested|provided|supplied|specified|permitted|allowed|predefined|fixed|chosen|available|known|"
    r"asked for|ask for|on offer|of interest|in question|at hand|at issue|target|schema(?:'s)?|inventory|candidates?|"
    r"found and typed|settled|specification|in advance|stated|marked|delivered"
)


@pytest.mark.parametrize(("task", "text"), PARAPHRASES)
def test_a_paraphrase_keeps_to_what_is_given(task: Task, text: str):
    assert re.search(rf"\b(?:{CLOSED})\b", text, re.IGNORECASE)


VERBATIM = (
    r"word for word|verbatim|literal(?:ly)?|faithfully|unchanged|unaltered|untouched|character for character|exactly|"
    r"exact words|precisely as printed|as (?:they|it|both) (?:stands?|appear)|spelled just as|own (?:words|wording)|"
    r"(?:original|of the source|surface) (?:wording|form)|wording of the (?:original|source)|reword(?:ing)?|"
    r"nor paraphrased|very words|same words|lift\w+|without (?:any )?change|neither added nor altered|"
    r"shortened, extended or altered|relying only|rely only|in their original form|spelling found|"
    r"wording of triggers and participants comes"
)


@pytest.mark.parametrize(("task", "text"), [case for case in PARAPHRASES if case.values[0] in SPANS])
def test_a_paraphrase_that_asks_for_spans_asks_for_the_text_s_own_words(task: Task, text: str):
    assert re.search(rf"\b(?:{VERBATIM})\b", text, re.IGNORECASE)


NAMED: dict[Task, tuple[str, ...]] = {
    "entities": (r"type|categor|kind|tag set",),
    "relations": (r"relation|connection|ties?\b",),
    "events": (r"event", r"role|part\b"),
    "opinions": (r"polarit",),
    "classes": (r"class|categor|label|descriptions|heading",),
    "arguments": (r"role", r"trigger|word", r"type"),
    "given_relations": (
        r"relation|\btie",
        r"mention|entit|expression|phrase|span|participant|argument|names|members",
        r"given|supplied|marked|known|already|handed|delivered|provided|beforehand|in advance|I name|at hand|earlier|"
        r"specified|in question|come with|determined",
    ),
    "typing": (r"type|categor|label", r"words|selection|spans"),
    "judging": (r"type|categor|frames",),
    "locating": (r"type|label|kinds",),
    "associating": (
        r"mention|piece|part|span|expression|phrase|terms|argument|element|block|slip|finding|ingredient|words",
        r"type|relation|event|frame|role|connect|structure|combine|record|depends",
    ),
}


@pytest.mark.parametrize(("task", "text"), CASES)
def test_a_wording_names_what_is_asked(task: Task, text: str):
    for pattern in NAMED[task] if text != CANONICAL[task] else ():
        assert re.search(pattern, text, re.IGNORECASE), pattern


@pytest.mark.parametrize("text", POOLS["typing"])
def test_typing_names_no_family_and_no_number_of_mentions(text: str):
    assert not re.search(r"\b(?:entit|event|trigger|relat|opinion|argument|mention|pair|head|tail|name\b)", text, re.I)
    assert not re.search(r"\b(?:the|this|given) (?:given )?(?:word|span|phrase)\b", text)


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_draws_the_same_wording(task: Task):
    assert [instruction(task, seed) for seed in range(50)] == [instruction(task, str(seed)) for seed in range(50)]


def test_a_draw_does_not_disturb_other_random_numbers():
    random.seed(3)
    expected = random.random()
    random.seed(3)
    instruction("events", 11)
    assert random.random() == expected


def test_a_draw_is_the_same_in_another_process():
    program = (
        "from loremill.formats.instructions import POOLS, instruction\n"
        "print([POOLS[task].index(instruction(task, 'item 7')) for task in POOLS])"
    )
    drawn = set()
    for hash_seed in ("0", "1"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
        )
        drawn.add(done.stdout.strip())
    assert drawn == {str([POOLS[task].index(instruction(task, "item 7")) for task in POOLS])}


@pytest.mark.parametrize("task", TASKS)
def test_many_seeds_draw_the_whole_pool_evenly(task: Task):
    size = len(POOLS[task])
    drawn = Counter(instruction(task, seed) for seed in range(100 * size))
    assert set(drawn) == set(POOLS[task])
    assert min(drawn.values()) >= 60  # mean 100, standard deviation 10: four of them
    assert max(drawn.values()) <= 140


def test_one_seed_draws_for_each_task_apart():
    places = {
        tuple(POOLS[task].index(instruction(task, seed)) for task in ("entities", "events")) for seed in range(50)
    }
    assert any(one != other for one, other in places)


def test_an_unknown_task_is_named_with_the_known_ones():
    with pytest.raises(
        UnknownNameError, match=r"unknown task 'entity'\. Did you mean 'entities'\? Known: arguments, "
    ) as error:
        instruction("entity", 1)  # type: ignore[arg-type]
    assert isinstance(error.value, LoremillError)
    assert "\n" not in str(error.value)
