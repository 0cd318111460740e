# SPDX-License-Identifier: Apache-2.0
"""Tiny random encoders of the usual kinds, with their tokenizers, saved to a folder."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import processors
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5ForConditionalGeneration,
)

from ..formats.vocabularies import CORPUS, metaspace_bpe
from ..tiny import byte_level, word_piece

POSITIONS = 20
D_TASK = 12


def _draw(model: torch.nn.Module, seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=rng) * 0.4
            parameter.copy_(noise + 1.0 if "orm.weight" in name or "layer_norm.weight" in name else noise)


def save_bert(folder: Path, *, seed: int = 0, positions: int = POSITIONS, pooler: bool = True) -> Path:
    """A BERT that reads ``positions`` tokens at once."""
    tokenizer = word_piece()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=D_TASK,
        intermediate_size=20,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=positions,
    )
    model = BertModel(config, add_pooling_layer=pooler)
    _draw(model, seed)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_roberta(folder: Path) -> Path:
    """A RoBERTa, whose positions start at 2; with a head's weights beside the encoder's, as CodeBERT's."""
    tokenizer = byte_level()
    tokenizer.pad_token = "<|eos|>"  # noqa: S105
    config = RobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=D_TASK,
        intermediate_size=20,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=POSITIONS + tokenizer.pad_token_id + 1,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = RobertaModel(config, add_pooling_layer=False)
    _draw(model, 0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_t5(folder: Path) -> Path:
    """A whole T5, decoder and all, with a tokenizer that closes a text with ``</s>``."""
    tokenizer = metaspace_bpe(CORPUS, 300)
    end = tokenizer.token_to_id("</s>")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", end)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        pad_token="<unk>",  # noqa: S106
    )
    config = T5Config(
        vocab_size=len(fast),
        d_model=D_TASK,
        d_kv=6,
        d_ff=20,
        num_layers=2,
        num_heads=2,
        decoder_start_token_id=0,
        tie_word_embeddings=True,
    )
    model = T5ForConditionalGeneration(config)
    _draw(model, 0)
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder
