# SPDX-License-Identifier: Apache-2.0
"""Generation: a batch is its rows, decoding is one forward pass, and grammars hold a random model to the text."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from transformers import GPT2Config, LlamaConfig

from loremill.errors import ModelError
from loremill.formats import listing
from loremill.models.codec import Encoded
from loremill.models.grammar_mask import GrammarProcessor, Row
from loremill.models.habits import habits_of
from loremill.models.likelihood import Item, answer_logprobs, collate
from loremill.models.local import LocalModel, _context_of
from loremill.models.matcher import GrammarMask
from loremill.models.prompt_mask import PROMPT_MASKS, attention_mask, for_attention, prompt_mask_of
from loremill.prompt import Completion, Habits, Model, Prompt, Request
from loremill.schema.types import FrameType, Schema, SlotType

KINDS = ["byte-level", "SentencePiece", "WordPiece", "chat"]
SCHEMA = Schema((FrameType("person"), FrameType("location")))
EVENTS = Schema((FrameType("attack", family="events", slots=(SlotType("attacker"), SlotType("time"))),))
INTENTS = Schema((FrameType("book", family="classes"), FrameType("weather", family="classes")))
TEXTS = [
    "Ada Lovelace was in Coimbra, Portugal",
    "fox",
    "the U.S. Navy bombed rebels on Monday; 10% of the quick brown fox jumps over 20% of the lazy dog",
    "北京是中国的首都",
    "a dog",
]


def request(model: LocalModel, text: str, schema: Schema | None = SCHEMA, tokens: int | None = 14) -> Request:
    """With a grammar unless ``schema`` is None."""
    prompt = listing.prompt(schema or SCHEMA, text)
    return Request(prompt, None if schema is None else grammar(model, schema, text), tokens)


def grammar(model: LocalModel, schema: Schema, text: str) -> str:
    return listing.grammar(schema, model.view(text).text, model.writing, max_items=4)


def test_habits_come_from_the_configuration(tiny):
    local = LocalModel.load(str(tiny("WordPiece")))
    assert local.habits == Habits()
    local.model.config.habits = {"max_text_tokens": 160, "max_types": 12}
    assert habits_of(local.model.config) == Habits(160, 12)
    for wrong in ({"max_types": 0}, {"max_types": "12"}, {"most": 3}, [1]):
        local.model.config.habits = wrong
        with pytest.raises(ModelError, match="habits of another form"):
            habits_of(local.model.config)


def assert_same(found: Completion, expected: Completion) -> None:
    assert (found.text, found.offsets, found.finish_reason) == (
        expected.text,
        expected.offsets,
        expected.finish_reason,
    )
    assert found.usage == expected.usage
    assert found.logprobs == pytest.approx(expected.logprobs, abs=1e-4)
    assert found.masked_logprobs == pytest.approx(expected.masked_logprobs, abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "prompt_mask"),
    [*itertools.product(["byte-level", "WordPiece"], PROMPT_MASKS), ("SentencePiece", "blocks"), ("chat", "causal")],
)
def test_batch_equals_one_by_one(tiny_model, kind, prompt_mask):
    model = tiny_model(kind, prompt_mask=prompt_mask, batch_size=8)
    free = [request(model, text, None) for text in TEXTS]
    held = [request(model, text) for text in TEXTS]
    mixed = [r for pair in zip(free, held, strict=True) for r in pair][:8]
    for asked in (free, held, mixed):
        together = list(model.complete(asked))
        assert len({c.text for c in together}) > 1
        for one, completion in zip(asked, together, strict=True):
            (alone,) = model.complete([one])
            assert_same(completion, alone)


@pytest.mark.parametrize("prompt_mask", PROMPT_MASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_prefill_and_decode_equal_one_forward_pass(tiny_model, kind, prompt_mask):
    model = tiny_model(kind, prompt_mask=prompt_mask)
    asked = [listing.prompt(SCHEMA, text) for text in TEXTS]
    prompts = [model.codec.encode_prompt(prompt) for prompt in asked]
    rows = [Row(None, 9 + i) for i in range(len(prompts))]
    model._generate(prompts, asked, rows)
    types = model.codec.encode_pair(listing.prompt(SCHEMA, "x"), " None")[1].token_types
    for prompt, row in zip(prompts, rows, strict=True):
        width = len(row.tokens)
        answer = Encoded(tuple(row.tokens), (2,) * width, None if types is None else types[:1] * width)
        with torch.no_grad():
            whole = answer_logprobs(model.model, collate([Item(prompt, answer)], model.codec.pad_id))
        assert row.logprobs == pytest.approx(whole.tolist(), abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_masked_logprobs_are_renormalised_over_what_the_grammar_allows(tiny_model, kind):
    model = tiny_model(kind)
    model.raw_logprobs = True
    text = TEXTS[2]
    asked = listing.prompt(EVENTS, text)
    prompt = model.codec.encode_prompt(asked)
    tokenizer, rules = model.codec.grammar_tokenizer(), grammar(model, EVENTS, text)
    row = Row(GrammarMask(tokenizer, rules), 30)
    model._generate([prompt], [asked], [row])
    answer = Encoded(tuple(row.tokens), (2,) * len(row.tokens), prompt.token_types and (5,) * len(row.tokens))
    logits = all_logits(model, prompt, answer)
    mask = GrammarMask(tokenizer, rules)
    for at, token in enumerate(row.tokens):
        allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
        allowed[: mask.vocab_size] = torch.from_numpy(mask.allowed())
        probabilities = logits[at].softmax(-1)
        assert token == logits[at].masked_fill(~allowed, float("-inf")).argmax().item()  # greedy
        renormalised = probabilities[token].log() - probabilities[allowed].sum().log()
        assert row.logprobs[at] == pytest.approx(probabilities[token].log().item(), abs=1e-4)
        assert row.masked_logprobs[at] == pytest.approx(renormalised.item(), abs=1e-4)
        mask.advance(token)


def all_logits(model: LocalModel, prompt: Encoded, answer: Encoded) -> torch.Tensor:
    """Logits from which each answer token is predicted, without a cache, float64."""
    batch = collate([Item(prompt, answer)], 0)
    mask = for_attention(attention_mask(prompt_mask_of(model.model.config), batch["parts"]), model.model)
    types = {"token_type_ids": batch["token_type_ids"]} if "token_type_ids" in batch else {}
    with torch.no_grad():
        logits = model.model(
            input_ids=batch["input_ids"],
            attention_mask=mask,
            position_ids=batch["position_ids"],
            use_cache=False,
            **types,
        ).logits[0]
    return logits[len(prompt) - 1 : len(prompt) + len(answer) - 1].double()


def test_allowed_probabilities_sum_to_one(tiny_model):
    model = tiny_model("byte-level")
    rows = [Row(GrammarMask(model.codec.grammar_tokenizer(), grammar(model, SCHEMA, "fox")), 5), Row(None, 5)]
    processor = GrammarProcessor(rows, model.codec.eos_ids, model.codec.token_bytes)
    vocabulary = model.model.config.vocab_size
    scores = torch.randn(2, vocabulary, generator=torch.Generator().manual_seed(1))
    masked = processor.mask(torch.zeros(2, 3, dtype=torch.long), scores)
    allowed = masked[0] > float("-inf")
    assert 0 < allowed.sum() < vocabulary
    assert masked[0].softmax(-1)[allowed].sum().item() == pytest.approx(1.0, abs=1e-6)
    assert torch.equal(masked[0][allowed], scores[0][allowed])
    assert torch.equal(masked[1], scores[1])


@pytest.mark.parametrize("kind", ["byte-level", "WordPiece"])
@pytest.mark.parametrize(("text", "is_free"), [("the fox", False), ("the fox and a fox", True), ("fox", True)])
def test_what_was_said_is_not_said_again_if_there_is_anything_else(tiny_model, kind, text, is_free):
    model = tiny_model(kind)
    prompt = listing.prompt(SCHEMA, text)
    repeats = listing.repeats(SCHEMA, model.view(text).text, model.writing)
    row = Row(GrammarMask(model.codec.grammar_tokenizer(), grammar(model, SCHEMA, text)), 40, repeats)
    processor = GrammarProcessor([row], model.codec.eos_ids, model.codec.token_bytes)
    scores = torch.zeros(1, model.model.config.vocab_size)
    for token in model.codec.encode_pair(prompt, " person: fox; person:")[1].ids[:-1]:
        assert processor.mask(torch.zeros(1, 3, dtype=torch.long), scores)[0, token] == 0
        processor.is_finished(torch.tensor([[token]]), scores)
    open_now = processor.mask(torch.zeros(1, 3, dtype=torch.long), scores)[0].isfinite().nonzero()[:, 0].tolist()
    begins = {model.codec.token_bytes(token).decode().strip()[:1] for token in open_now}
    assert ("f" in begins) is is_free
    assert begins - {"f"} or text == "fox"


@pytest.mark.parametrize("schema", [SCHEMA, EVENTS, INTENTS], ids=["entities", "events", "classes"])
@pytest.mark.parametrize("kind", [*KINDS, "SentencePiece chat"])
def test_grammar_keeps_a_random_model_on_schema_and_verbatim(tiny_model, kind, schema):
    model = tiny_model(kind, batch_size=8)
    for text, completion in zip(TEXTS, model.complete([request(model, t, schema, 40) for t in TEXTS]), strict=True):
        view = model.view(text).text
        drafts, rejects = listing.read(
            completion.text,
            schema,
            model.writing,
            finished=completion.finish_reason == "stop",
        )
        assert completion.notes == ()
        assert completion.text.startswith(model.writing.lead)
        assert {r.reason for r in rejects} <= {"cut off"}
        pieces = [p for d in drafts for p in (d.filler, *(s.piece for s in d.slots)) if p is not None]
        assert all(fragment in view for p in pieces for fragment in p.fragments)


def test_end_of_sequence_is_the_last_token_recorded(tiny_model):
    model = tiny_model("WordPiece")
    model.raw_logprobs = True
    (completion,) = model.complete([request(model, "", tokens=None)])  # nothing but None can be written
    assert completion.text == " none"
    assert completion.finish_reason == "stop"
    *words, end = completion.offsets  # one word, in as many pieces as the random model likes
    assert end == (5, 5)
    assert [start for start, _ in words] == [0, *(end for _, end in words[:-1])]
    assert completion.usage.completion_tokens == len(words) + 1
    assert completion.masked_logprobs[-1] == pytest.approx(0.0, abs=1e-6)  # the only choice
    assert completion.logprobs[-1] < -0.01
    assert completion.score(0, 5) == pytest.approx(math.exp(sum(completion.masked_logprobs)))


def test_row_without_room_does_not_push_its_batch_past_the_models_positions(tiny_model):
    model = tiny_model("WordPiece", batch_size=2)  # absolute positions: one too many is an index out of range
    text = "the fox " * 300
    while model.count_tokens(listing.prompt(SCHEMA, text)) > model.max_tokens - 2:
        text = text[: -len("the fox ")]
    requests = [request(model, text, None, 60), request(model, "the fox", None, 60)]
    together = list(model.complete(requests))
    alone = [next(model.complete([r])) for r in requests]
    assert [c.error for c in together] == [None, None]
    for found, expected in zip(together, alone, strict=True):
        assert_same(found, expected)


def test_limit_on_tokens_is_a_row_s_own(tiny_model):
    model = tiny_model("SentencePiece", batch_size=8)
    limits = [1, 3, 7, 2]
    asked = [request(model, TEXTS[2], None, n) for n in limits]
    completions = list(model.complete(asked))
    assert [c.usage.completion_tokens for c in completions] == limits
    assert [c.finish_reason for c in completions] == ["length"] * 4
    assert len(completions[2].offsets) == 7
    assert completions[2].logprobs[:3] == pytest.approx(completions[1].logprobs, abs=1e-4)


def test_window_ends_a_completion(tiny_model):
    model = tiny_model("SentencePiece")
    asked = request(model, "fox", None, None)
    model.max_tokens = model.count_tokens(asked.prompt) + 5
    (completion,) = model.complete([asked])
    assert completion.usage.completion_tokens == 5
    assert completion.finish_reason == "length"


def test_grammar_that_does_not_compile_is_noted_and_left_out(tiny_model):
    model = tiny_model("byte-level")
    good = request(model, "fox")
    bad = Request(good.prompt, "start: <<<", 8)
    free, fallen, held = model.complete([Request(good.prompt, None, 8), bad, good])
    assert fallen.notes[0].startswith("generated without a grammar: grammar cannot be used: ")
    assert "\n" not in fallen.notes[0]
    assert (fallen.text, free.notes, held.notes) == (free.text, (), ())


def test_row_that_fails_costs_one_row(tiny_model):
    model = tiny_model("byte-level", batch_size=8)
    asked = [request(model, text) for text in (TEXTS[0], "fox " * 600, TEXTS[1])]
    first, failed, last = model.complete(asked)
    assert failed.error is not None
    assert failed.error.startswith("prompt has ")
    assert failed.error.endswith(" tokens, the model takes 512")
    assert (failed.finish_reason, failed.text) == ("error", "")
    for found, one in ((first, asked[0]), (last, asked[2])):
        assert_same(found, next(iter(model.complete([one]))))


def test_results_keep_input_order_and_input_is_read_a_few_batches_ahead(tiny_model):
    model = tiny_model("byte-level", batch_size=2)
    read = []

    def requests():
        for i in range(40):
            read.append(i)
            yield request(model, "fox " * ((i * 7) % 11 + 1), None, 2)

    completions = model.complete(requests())
    assert read == []
    first = next(completions)
    assert len(read) == 16
    rest = list(completions)
    prompts = [c.usage.prompt_tokens for c in (first, *rest)]
    assert prompts == [model.count_tokens(request(model, "fox " * ((i * 7) % 11 + 1)).prompt) for i in range(40)]


def test_no_requests_give_no_completions(tiny_model):
    assert list(tiny_model("byte-level").complete([])) == []


def test_rows_of_the_head_without_a_token_are_never_written_under_a_grammar(tiny_model):
    model = tiny_model("byte-level")
    beyond = len(model.codec.tokenizer) + 3
    assert model.model.config.vocab_size > beyond
    prefer(model, beyond)
    free, held = model.complete([request(model, "fox", None, 4), request(model, "fox", SCHEMA, 40)])
    assert free.text == ""  # it wrote nothing but that row, which has no spelling
    assert free.offsets == ((0, 0),) * 4
    drafts, rejects = listing.read(held.text, SCHEMA, finished=held.finish_reason == "stop")
    assert {r.reason for r in rejects} <= {"cut off"}
    assert drafts or held.text.strip() == "None"
    (alone,) = model.complete([request(model, "fox", None, 4)])
    assert_same(free, alone)


def prefer(model: LocalModel, row: int) -> None:
    """Make one row of the head the likeliest whatever the text."""
    bonus = torch.zeros(model.model.config.vocab_size)
    bonus[row] = 1000.0
    model.model.lm_head.register_forward_hook(lambda module, inputs, logits: logits + bonus)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (GPT2Config(n_positions=77), 77),
        (LlamaConfig(max_position_embeddings=99), 99),
        (type("Config", (), {"n_positions": 55})(), 55),
        (type("Config", (), {})(), 4096),
    ],
)
def test_window_is_read_from_the_configuration(config, expected):
    assert _context_of(config) == expected


def test_local_model_is_a_model(tiny_model):
    model = tiny_model("byte-level")
    assert isinstance(model, Model)
    assert set(model.identity) == {"model", "weights", "adapter", "template", "decoding", "dtype"}


def test_batch_size_needs_a_row(tiny_model):
    with pytest.raises(ModelError, match="batch size needs to be at least 1, got 0"):
        tiny_model("byte-level", batch_size=0)


def test_tokens_of_a_prompt_are_counted(tiny_model):
    model = tiny_model("WordPiece")
    prompt = Prompt("entities", "", "person", "the fox")
    assert model.count_tokens(prompt) == len(model.codec.encode_prompt(prompt))
