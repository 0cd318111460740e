# SPDX-License-Identifier: Apache-2.0
"""Three tiny tokenizers of the usual kinds, made here from a few sentences, and the walk through masks.

Each is a `Vocabulary`: what llguidance needs, how a text is seen and a completion is encoded.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import llguidance
import llguidance.hf
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from loremill.escape import escape, unescape
from loremill.models.matcher import GrammarMask
from loremill.models.wordpiece import RESERVED
from loremill.prompt import PLAIN, Writing

CORPUS = [
    "None; person: Ada Lovelace; location: Coimbra, Portugal; work for: Ada, the U.S. Navy; None of these",
    "attack: bombed, attacker: rebels, time: Monday; a U.S.-based firm paid 10% | 20% of it; (see [3])",
    "the quick brown fox jumps over the lazy dog; positive: service, friendly; negative: food, cold",
    "北京是中国的首都; person: 张三; สวัสดี: ประเทศไทย; مرحبا، بالعالم; \\; \\: \\, \\| \\\\ \\n \\t \\r",
] * 4


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer as the tests use it. ``view`` is also how it spells a label."""

    ll: llguidance.LLTokenizer
    eos_id: int
    view: Callable[[str], str]
    encode: Callable[[str], list[int]]
    writing: Writing = PLAIN


def walk(mask_factory: Callable[[], GrammarMask], token_ids: Sequence[int], eos_id: int) -> str:
    """Why a completion cannot be written under a mask, '' if it can.

    Every token has to stand in the mask before it is taken, and end-of-sequence in the last one.
    """
    mask = mask_factory()
    for i, token_id in enumerate([*token_ids, eos_id]):
        allowed = mask.allowed()
        if not allowed[token_id]:
            return f"token {token_id} at {i} is masked, allowed: {allowed.nonzero()[0][:20].tolist()}"
        if not mask.advance(token_id):
            return f"token {token_id} at {i} is refused"
    return "" if mask.is_done else "not done after end-of-sequence"


def takes(vocabulary: Vocabulary, mask: GrammarMask, written: str) -> bool:
    """Whether the bytes of ``written`` are allowed one by one, each a token."""
    one_byte = {vocabulary.ll.decode_bytes([i]): i for i in range(256)}
    for byte in written.encode():
        token_id = one_byte[bytes([byte])]
        if not mask.allowed()[token_id]:
            assert not mask.advance(token_id)
            return False
        assert mask.advance(token_id)
    return True


@functools.cache
def byte_level() -> Vocabulary:
    """Byte-level BPE (GPT-2, Llama 3)."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|eos|>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return _fast(tokenizer, "<|eos|>", lambda completion: completion)


def metaspace_bpe(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """BPE over "▁" for blanks, with bytes for unknown characters and a "▁" before every text (Llama 2)."""
    trained = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))  # noqa: S106
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁")
    special = ["<unk>", "<s>", "</s>", *(f"<0x{i:02X}>" for i in range(256))]
    trained.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=special, show_progress=False)
    )
    state = json.loads(trained.to_str())
    state["added_tokens"] = state["added_tokens"][:3]  # the bytes are ordinary tokens
    state["pre_tokenizer"] = None  # only training goes word by word
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


@functools.cache
def sentence_piece() -> Vocabulary:
    """As `metaspace_bpe` makes it."""
    tokenizer = metaspace_bpe(CORPUS, 900)
    # The "▁" put before every text is the blank that a completion starts with.
    return _fast(tokenizer, "</s>", lambda completion: completion.removeprefix(" "))


@functools.cache
def word_piece() -> Vocabulary:
    """Uncased WordPiece (BERT) whose bare delimiters are token ids of their own."""
    known = sorted({*"".join(CORPUS).lower(), *"0123456789!\"#$%&'()*+-./<=>?@[]^_`{}~"} - {" "})
    words = sorted(set(re.findall(r"[a-z]+", " ".join(CORPUS).lower())))
    pieces = ["[UNK]", "[SEP]", *known, *(f"##{c}" for c in known), *(w for w in words if len(w) > 1), "##ing", "##bed"]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    delimiters = {c: len(pieces) + i for i, c in enumerate(RESERVED)}

    def view(text: str) -> str:
        seen = "".join(t[2:] if t.startswith("##") else " " + t for t in tokenizer.encode(text).tokens)
        return seen.replace("[UNK]", "\ufffd").removeprefix(" ")

    marks = re.escape(RESERVED)

    def ids(text: str) -> list[int]:
        parts = text.split("\ufffd")
        return [i for n, part in enumerate(parts) for i in ([0] if n else []) + tokenizer.encode(part).ids]

    def encode(completion: str) -> list[int]:
        parts = re.findall(rf"[{marks}]|(?:\\.|[^{marks}\\])+", completion)
        return [i for part in parts for i in ([delimiters[part]] if part in delimiters else ids(unescape(part)))]

    return Vocabulary(
        llguidance.LLTokenizer(llguidance.TokenizerWrapper(_WordBytes(pieces, delimiters, encode))),
        eos_id=1,
        view=view,
        encode=encode,
        writing=Writing(no_forcing=True, reserved=RESERVED, spell=view),
    )


class _WordBytes:
    """What llguidance's ``TokenizerWrapper`` reads: words with the blank before them, pieces without."""

    eos_token_id = 1
    bos_token_id = None
    special_token_ids = (1,)

    def __init__(self, pieces: list[str], delimiters: dict[str, int], encode: Callable[[str], list[int]]) -> None:
        written = ["\ufffd" if piece == "[UNK]" else piece for piece in pieces]
        spelled = [
            escape(w[2:], RESERVED) if w.startswith("##") and len(w) > 2 else " " + escape(w, RESERVED) for w in written
        ]
        self.tokens = [s.encode() for s in [*spelled, *delimiters]]
        self.encode = encode

    def __call__(self, text: str | bytes) -> list[int]:
        return self.encode(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)


def _fast(tokenizer: Tokenizer, eos: str, prepare: Callable[[str], str]) -> Vocabulary:
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=eos)

    def encode(completion: str) -> list[int]:
        # A text may hold the letters of a special token, which stand for themselves.
        ids: list[int] = fast(prepare(completion), add_special_tokens=False, split_special_tokens=True)["input_ids"]
        return ids

    return Vocabulary(llguidance.hf.from_tokenizer(fast), fast.eos_token_id, lambda text: text, encode)


VOCABULARIES = {"byte-level": byte_level, "SentencePiece": sentence_piece, "WordPiece": word_piece}
