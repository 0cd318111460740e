# SPDX-License-Identifier: Apache-2.0
"""Tiny language models of the usual kinds, with their tokenizers, saved to a folder: randomised weights, no download.

==================  ==========================================================================
``byte-level``      Llama, byte-level BPE; the head has rows that no token has
``SentencePiece``   Llama, BPE over "▁" with bytes for the rest, a "▁" before every text
``WordPiece``       BERT as a decoder, uncased, reserved delimiters, case in the token types
``WordPiece told``  as ``WordPiece``, whose prompts hold instruction and definitions
``chat``            as ``byte-level``, with a chat template
``SentencePiece chat``
==================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertLMHeadModel,
    BertTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from loremill.formats.instructions import POOLS
from loremill.formats.listing import ANSWERS
from loremill.models.wordpiece import PROMPT_PARTS, RESERVED, TYPE_ANSWER

from .formats.vocabularies import CORPUS, metaspace_bpe

MAX_TOKENS = 512
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_WORDINGS = [*(pool[0] for pool in POOLS.values()), *ANSWERS.values(), "Types: Text: Answer: Given: Definitions:"]
_TEXTS = [*CORPUS, *_WORDINGS] * 2


def byte_level(*, use_regex: bool = True) -> PreTrainedTokenizerFast:
    """Byte-level BPE; ``use_regex=False`` lets tokens span words, as a few vocabularies do."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|bos|>", "<|eos|>", "<|im_start|>", "<|im_end|>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TEXTS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|bos|> $A", special_tokens=[("<|bos|>", tokenizer.token_to_id("<|bos|>"))]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<|bos|>", eos_token="<|eos|>")  # noqa: S106


def _chat() -> PreTrainedTokenizerFast:
    tokenizer = byte_level()
    tokenizer.eos_token = "<|im_end|>"  # noqa: S105
    tokenizer.chat_template = CHAT
    return tokenizer


def metaspace() -> PreTrainedTokenizerFast:
    """Llama 2's kind, with its bos token."""
    tokenizer = metaspace_bpe(_TEXTS, 700)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
    )


def _metaspace_chat() -> PreTrainedTokenizerFast:
    tokenizer = metaspace()
    tokenizer.chat_template = (
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
        "{% else %} {{ m.content }} </s>{% endif %}{% endfor %}"
    )
    return tokenizer


def word_piece() -> BertTokenizer:
    """Uncased WordPiece with unused rows for the reserved delimiters."""
    texts = " ".join(_TEXTS).lower()
    known = sorted({*texts, *"0123456789!\"#$%&'()*+-./<=>?@[]^_`{}~"} - {" "})
    words = [w for w in sorted(set(re.findall(r"[a-z]+", texts))) if len(w) > 1]
    special = ["[PAD]", *(f"[unused{i}]" for i in range(len(RESERVED))), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *known, *(f"##{c}" for c in known), *words, "##ing", "##bed"]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(dict.fromkeys(pieces))}, do_lower_case=True)


TOKENIZERS: dict[str, Callable[[], Any]] = {
    "byte-level": byte_level,
    "SentencePiece": metaspace,
    "WordPiece": word_piece,
    "WordPiece told": word_piece,
    "chat": _chat,
    "SentencePiece chat": _metaspace_chat,
}


def save_tiny(kind: str, folder: Path, *, prompt_mask: str | None = None, dropout: float = 0.0) -> Path:
    """A model and its tokenizer under ``folder``, which is returned."""
    tokenizer = TOKENIZERS[kind]()
    model = _bert(tokenizer, dropout) if kind.startswith("WordPiece") else _llama(tokenizer, kind)
    if kind == "WordPiece told":
        model.config.prompt_parts = list(PROMPT_PARTS)
    if prompt_mask is not None:
        model.config.prompt_mask = prompt_mask
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=rng) * 0.3
            parameter.copy_(noise + 1.0 if "orm.weight" in name or "norm" in name else noise)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _llama(tokenizer: Any, kind: str) -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer) + (13 if kind == "byte-level" else 0),
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=MAX_TOKENS,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def _bert(tokenizer: Any, dropout: float) -> BertLMHeadModel:
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=MAX_TOKENS,
        type_vocab_size=TYPE_ANSWER + 1,
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=dropout,
        is_decoder=True,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config.update(
        {
            "prompt_mask": "prefix",
            "delimiter_ids": {mark: tokenizer.convert_tokens_to_ids(f"[unused{i}]") for i, mark in enumerate(RESERVED)},
        }
    )
    return BertLMHeadModel(config)
