# SPDX-License-Identifier: Apache-2.0
"""Paraphrases: what a model is shown, and what is refused; files of pools."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loremill.errors import InputError, ModelError
from loremill.formats.instructions import POOLS, instruction
from loremill.formats.instructions.paraphrase import REQUEST, cleaned, paraphrase, refusal
from loremill.formats.instructions.pools import pools_of, write_pools
from loremill.prompt import Prompt, Writing

from ..scripted import ScriptedModel

NEW = "Kindly report what the passage contains of each kind wanted."
SOURCE = POOLS["entities"][0]


def numbered():
    """A new wording with every call."""
    calls = iter(range(10_000))
    return lambda prompt: f"Wording {next(calls)}: report each of the kinds wanted."


def test_every_pool_s_wording_may_join_another_pool():
    for task, pool in POOLS.items():
        for wording in pool:
            assert refusal(wording, SOURCE, []) == "", (task, wording)


@pytest.mark.parametrize(
    ("wording", "reason"),
    [
        ("", "it is empty"),
        ("Find all names here now.\nAnd their types.", "it has 2 lines, one is wanted"),
        ("Find\x07 all of the names.", "it has characters that cannot be printed"),
        ("Find all names.", "it has 3 words, 5 to 80 are wanted"),
        (" ".join(["word"] * 81), "it has 81 words, 5 to 80 are wanted"),
        ("Find all names of the [types] given.", "it has '[', which belongs to the formats"),
        ("Find all names and answer with JSON please.", "it says how the answer is written ('JSON')"),
        ("If there are no names, say None please.", "it says how the answer is written ('None')"),
        (f"  {SOURCE.upper().rstrip('.')}!", f"the pool has it: {SOURCE!r}"),
        ("Find all the names of {kind} here.", "it has the placeholders {kind}, the source has none"),
    ],
)
def test_what_may_not_join_is_refused_with_the_reason(wording, reason):
    assert refusal(wording, SOURCE, POOLS["entities"]).startswith(reason)


def test_placeholders_have_to_stay():
    source = "Find all names of the kind {kind} here."
    assert refusal("Which names of {kind} are to be found?", source, [source]) == ""
    assert "the source has {kind}" in refusal("Which names of any kind are there?", source, [source])


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"  {NEW}\n", NEW),
        (f'"{NEW}"', NEW),
        (f"Output: {NEW}", NEW),
        (f"New instruction: '{NEW}'", NEW),
        ("", ""),
        ('"', '"'),
    ],
)
def test_what_models_write_around_an_answer_goes(written, kept):
    assert cleaned(written) == kept


@given(st.text())
def test_no_text_breaks_the_check(text):
    wording = cleaned(text)
    assert isinstance(refusal(wording, SOURCE, POOLS["entities"]), str)


def test_a_model_sees_other_tasks_as_examples_and_a_wording_to_rewrite():
    model = ScriptedModel(numbered())
    (made,) = paraphrase(model, "entities", 1, attempts=5)
    prompt: Prompt = model.requests[0].prompt
    assert (prompt.instruction, prompt.schema) == (REQUEST, "")
    assert prompt.text == made.source
    assert made.source in POOLS["entities"]
    assert len(prompt.demonstrations) == 3
    for example in prompt.demonstrations:
        pool = next(pool for pool in POOLS.values() if example.text in pool)
        assert pool != POOLS["entities"]
        assert example.answer.strip() in pool
        assert example.answer.strip() != example.text


def test_attempts_differ_in_what_they_show():
    model = ScriptedModel(lambda prompt: SOURCE)
    list(paraphrase(model, "entities", 1, attempts=12))
    assert len({request.prompt for request in model.requests}) == 12


def test_it_ends_when_enough_were_accepted_or_all_attempts_made():
    assert len(list(paraphrase(ScriptedModel(numbered()), "events", 3, attempts=50))) == 3
    refused = list(paraphrase(ScriptedModel(lambda prompt: "no"), "events", 3, attempts=7))
    assert [made.number for made in refused] == list(range(7))
    assert {made.refused for made in refused} == {"it has 1 words, 5 to 80 are wanted"}


def test_the_same_wording_is_accepted_once():
    made = list(paraphrase(ScriptedModel(lambda prompt: NEW), "events", 2, attempts=4))
    assert [bool(attempt.refused) for attempt in made] == [False, True, True, True]


def test_going_on_equals_a_run_without_a_stop():
    def answer(prompt: Prompt) -> str:  # by what is shown alone
        return f"Report {len(prompt.text)} times {len(prompt.demonstrations[0].text)} of each of the kinds."

    whole = list(paraphrase(ScriptedModel(answer), "events", 9, attempts=30))
    rest = list(paraphrase(ScriptedModel(answer), "events", 9, attempts=30, done=whole[:4]))
    assert whole[:4] + rest == whole
    assert list(paraphrase(ScriptedModel(answer), "events", 9, attempts=30, done=whole)) == []


def test_a_failed_attempt_is_told():
    def fail(prompt: Prompt) -> str:
        raise ModelError("no memory")

    assert next(paraphrase(ScriptedModel(fail), "events", 1, attempts=1)).refused == "the model failed: no memory"


def test_a_model_that_reads_no_instructions_is_refused():
    model = ScriptedModel(numbered())
    model.writing = Writing(reserved=":;")
    with pytest.raises(ModelError, match="paraphrases need a model that reads instructions"):
        next(paraphrase(model, "events", 1, attempts=1))


def test_a_file_of_pools_reads_as_it_was_written(tmp_path):
    pools = {"entities": [NEW, "Wörter: was steht hier geschrieben? 'so' \"so\""], "events": ["- a: b # c"]}
    write_pools(tmp_path / "pools.yaml", pools)
    read = pools_of(tmp_path / "pools.yaml")
    assert {task: list(read[task]) for task in pools} == pools
    assert read["relations"] == POOLS["relations"]
    assert instruction("entities", pools=read) == NEW
    assert {instruction("entities", seed, read) for seed in range(30)} == set(pools["entities"])


def test_no_file_is_the_library_s_pools():
    assert pools_of("") is POOLS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("entity:\n- a b", "unknown task 'entity'. Did you mean 'entities'?"),
        ("entities: find them", "entities needs a list of wordings, got 'find them'"),
        ("entities: []", "entities needs a list of wordings"),
        ("entities: ['', 3]", r"entities[0] needs to be one line of text, got ''; entities[1] needs to be one line"),
        ("- a", "need tasks with wordings, got list"),
        ("a: [", "are no YAML"),
        (b"\xff\xfe\xfa", "it is not UTF-8"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_pools_is_one_line(tmp_path, text, message):
    file = tmp_path / "pools.yaml"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as raised:
        pools_of(file)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
