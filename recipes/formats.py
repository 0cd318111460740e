# SPDX-License-Identifier: Apache-2.0
"""F1 by format: one small model trained in each, from the same weights, on the same items, for the same steps.

    python recipes/formats.py base             # the weights all start from, runs/formats/base
    python recipes/formats.py train listing    # recipes/formats.yaml; --resume goes on after a stop
    python recipes/formats.py score listing    # F1 with grounded decoding on and off, and what was not used
    python recipes/formats.py table            # everything scored so far, in Markdown

Every format must survive its tokenizer, so the model that ships, an uncased WordPiece, will not do: ``base``
gives its transformer a byte-level BPE vocabulary. Nano was trained on these sets in ``listing``, which
favours that format a little. Types come without definitions, so that prompts are short. Data is read in
place under LOREMILL_DATA.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from bpe import byte_level_bpe
from transformers import AutoModelForCausalLM, AutoTokenizer, BertConfig, BertLMHeadModel, PreTrainedTokenizerFast
from transformers.utils import logging

from loremill.corpora import corpus, load
from loremill.corpora.mixture import Source, read_mixture
from loremill.errors import FormatError
from loremill.evaluation import Prediction, Table, strict
from loremill.evaluation.run import WHOLE
from loremill.extractor import Extractor
from loremill.formats import FORMATS
from loremill.formats.drafts import frames_of, to_drafts
from loremill.formats.format import needs_given
from loremill.frames import Document, canonical
from loremill.given.types import assign_types
from loremill.models import load_model
from loremill.models.loading import load as load_weights
from loremill.models.loading import resolve
from loremill.models.wordpiece import LOWER, case_of
from loremill.schema import Schema
from loremill.text import TextView
from loremill.training.config import TrainConfig, load_config
from loremill.training.examples import epoch_items
from loremill.training.loop import Progress, fit

CONFIG = Path(__file__).with_name("formats.yaml")
RUNS = Path("runs/formats")
SETS = ("conll2003", "conll04", "phee")
COLUMNS = (
    ("conll2003", "entities"),
    ("conll04", "entities"),
    ("conll04", "relations"),
    ("phee", "triggers"),
    ("phee", "arguments"),
)
app = typer.Typer(add_completion=False)


@app.command()
def base(
    vocab_size: Annotated[int, typer.Option(help="tokens of the new vocabulary")] = 12_000,
    positions: Annotated[int, typer.Option(help="longest sequence; past nano's 512 its table repeats")] = 512,
    output: Annotated[Path, typer.Option(help="folder to write")] = RUNS / "base",
) -> None:
    """Nano's transformer under a byte-level BPE vocabulary learnt from what every format writes.

    A token's embedding is the mean over the WordPieces that its lower-cased string consists of (fast vocabulary
    transfer, Gee et al., EMNLP 2022) plus nano's embedding of its case; a token without any (a line
    break, indentation) starts at the mean of all with a little noise.
    """
    tokenizer = _tokenizer(vocab_size)
    nano = AutoModelForCausalLM.from_pretrained(resolve("nano"), dtype=torch.float32)
    weights = nano.state_dict()
    config = BertConfig.from_dict(nano.config.to_dict())
    config.update(
        {
            "vocab_size": len(tokenizer),
            "type_vocab_size": 1,
            "max_position_embeddings": positions,
            "hidden_dropout_prob": 0.0,  # no item is seen often
            "delimiter_ids": None,
            "bos_token_id": None,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        }
    )
    model = BertLMHeadModel(config)
    types = weights["bert.embeddings.token_type_embeddings.weight"]
    places = weights["bert.embeddings.position_embeddings.weight"]
    words = weights["bert.embeddings.word_embeddings.weight"]
    vocabulary = AutoTokenizer.from_pretrained(resolve("nano")).get_vocab()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.shape == weights[name].shape:
                parameter.copy_(weights[name])
        embeddings = model.bert.embeddings
        embeddings.token_type_embeddings.weight.copy_(types[[LOWER]])
        embeddings.position_embeddings.weight.copy_(places[torch.arange(positions) % len(places)])
        embeddings.word_embeddings.weight.copy_(_transferred(tokenizer, vocabulary, words, types - types[LOWER]))
        model.cls.predictions.bias.zero_()
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    typer.echo(f"{output}: {model.num_parameters():,} parameters, {len(tokenizer):,} tokens")


@app.command()
def train(
    format: Annotated[str, typer.Argument(help="name of a format")],
    overrides: Annotated[list[str] | None, typer.Argument(help="key=value of recipes/formats.yaml")] = None,
    resume: Annotated[bool, typer.Option(help="go on from the last checkpoint")] = False,
) -> None:
    """Train the base in one format."""
    config = load_config(CONFIG, [*(overrides or []), f"format={format}"])
    output = Path(config.output) / format
    if not resume and (output / "checkpoints").exists():
        raise SystemExit(f"{output} holds a run already: --resume it or remove it")
    sources = _sources(config)
    loaded = load_weights(config.model, dtype="float32")

    def items_of(epoch: int) -> list[Any]:
        items, counts = epoch_items(
            sources,
            loaded.codec,
            format=format,
            settings=config.augmentation,
            max_length_tokens=config.max_length_tokens,
            seed=config.seed,
            epoch=epoch,
        )
        prompt, answer = (sum(len(item[i]) for item in items) / len(items) for i in (0, 1))
        longest = max(len(p) + len(a) for p, a in items)
        typer.echo(f"epoch {epoch}: {counts}, {prompt:.1f} + {answer:.1f} tokens, at most {longest}")
        return items

    def show(progress: Progress) -> None:
        p = progress
        if p.step % 20 == 0:
            typer.echo(f"{p.step}/{p.total_steps} epoch {p.epoch} loss {p.loss:.3f} {p.tokens_per_s:.0f} tokens/s")

    output.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    model = fit(
        loaded.model,
        items_of,
        config,
        codec=loaded.codec,
        output=output,
        identity=f"{format} {loaded.identity['weights']}",
        resume=resume,
        on_step=show,
    )
    model.save_pretrained(output / "model")
    loaded.codec.tokenizer.save_pretrained(output / "model")
    typer.echo(f"{output}: {time.perf_counter() - started:.0f} s")


@app.command()
def score(
    format: Annotated[str, typer.Argument(help="name of a format")],
    limit: Annotated[int, typer.Option(help="documents per set; 0: all")] = 300,
    runs: Annotated[Path, typer.Option(help="folder of the runs")] = RUNS,
) -> None:
    """F1 on the dev parts with grounded decoding on and off, into scores.json.

    Of ``typing``, which is told the gold mentions: the share of them that got their type.
    """
    model = load_model(str(runs / format / "model"), batch_size=32)
    rows = []
    for name in SETS:
        schema = _bare(corpus(name).schema_for())
        for part in [schema.family(f) for f in schema.families] if needs_given(FORMATS[format]) else [schema]:
            for grammar in (True, False):
                rows.append(_scores(name, part, format, model, grammar=grammar, limit=limit))
                typer.echo(json.dumps(rows[-1]))
    (runs / format / "scores.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


@app.command()
def table(runs: Annotated[Path, typer.Option(help="folder of the runs")] = RUNS) -> None:
    """What was scored, a row per format, grounded / free."""
    rows = []
    for format in FORMATS:
        path = runs / format / "scores.json"
        if not path.is_file():
            continue
        found = json.loads(path.read_text(encoding="utf-8"))
        ways = [[row for row in found if row["grammar"] is grammar] for grammar in (True, False)]
        f1 = [{(row["corpus"], part): value for row in way for part, value in row["f1"].items()} for way in ways]
        columns = [column for column in COLUMNS if column in f1[0]]
        rows.append(
            (
                format,
                *(_both(100 * way[column] for way in f1) if column in columns else "" for column in COLUMNS),
                _both(100 * sum(way[c] for c in columns) / len(columns) for way in f1),
                f"{_mean(found, 'prompt_tokens', 'requests'):.0f} + {_mean(ways[1], 'answer_tokens', 'requests'):.0f}",
                _both(100 * _mean(way, "cpu_s", "documents") for way in ways),
                " / ".join(_rejected(way) for way in ways),
            )
        )
    names = (*(" ".join(column) for column in COLUMNS), "mean", "tokens", "CPU s/100", "not used")
    typer.echo(Table("F1 by format, grounded / free decoding", ("format", *names), tuple(rows)).to_markdown())


def _scores(name: str, schema: Schema, format: str, model: Any, *, grammar: bool, limit: int) -> dict[str, Any]:
    """F1 by part, use of tokens and time, and what was not used by reason."""
    docs = [replace(d, frames=tuple(frames_of(d, schema))) for d in islice(load(name, "dev"), limit or None)]
    extractor = Extractor(model, schema, format=format, grammar=grammar, window=WHOLE)
    is_typing = needs_given(extractor.format)
    started = time.process_time()
    extractions = list(assign_types(extractor, docs) if is_typing else extractor.extract(iter(docs)))
    cpu_s = time.process_time() - started
    pairs = zip(docs, extractions, strict=True)
    found = strict([Prediction(d, e.frames, Counter(r.family for r in e.rejected)) for d, e in pairs], schema)
    if is_typing:
        found.pop("arguments", None)  # as given
    return {
        "corpus": name,
        "grammar": grammar,
        "documents": len(docs),
        "f1": {part: s.recall if is_typing else s.f1 for part, s in found.items()},
        "precision": {part: s.precision for part, s in found.items()},
        "recall": {part: s.recall for part, s in found.items()},
        "support": {part: s.support for part, s in found.items()},
        "requests": sum(e.usage.requests for e in extractions),
        "prompt_tokens": sum(e.usage.prompt_tokens for e in extractions),
        "answer_tokens": sum(e.usage.completion_tokens for e in extractions),
        "cpu_s": round(cpu_s, 1),
        "errors": sum(e.error is not None for e in extractions),
        "rejected": dict(Counter(r.reason for e in extractions for r in e.rejected).most_common()),
    }


def _both(values: Iterator[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in values)


def _mean(rows: Sequence[dict[str, Any]], what: str, per: str) -> float:
    return float(sum(r[what] for r in rows) / sum(r[per] for r in rows))


def _rejected(rows: Sequence[dict[str, Any]]) -> str:
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row["rejected"])
    return ", ".join(f"{count} {reason}" for reason, count in counts.most_common()) or "0"


def _sources(config: TrainConfig) -> list[Source]:
    """The families of the mixture's data sets, without sentences of dev and test parts."""
    mixture = read_mixture(config.corpora, config.mixture, seed=config.seed)
    return [replace(source, schema=_bare(source.schema)) for source in mixture.sources]


def _bare(schema: Schema) -> Schema:
    """The schema without definitions and examples."""
    return Schema(
        tuple(
            replace(t, description="", examples=(), slots=tuple(replace(s, description="") for s in t.slots))
            for t in schema
        ),
        schema.name,
    )


def _tokenizer(vocab_size: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE learnt from all training texts, and prompts and answers of some in every format."""
    return byte_level_bpe(_texts(), vocab_size)


def _texts(samples: int = 200) -> Iterator[str]:
    for source in _sources(load_config(CONFIG)):
        yield from (f" {doc.text}" for doc in source.documents)
        for doc in random.Random(source.name).sample(list(source.documents), samples):
            for format in FORMATS:
                yield from _written(doc, source.schema, format)


def _written(doc: Document, schema: Schema, format: str) -> Iterator[str]:
    """Prompt and answer of one document, unless the format asks about given mentions."""
    try:
        prompt = FORMATS[format].prompt(schema, doc.text)
        drafts = to_drafts(canonical(frames_of(doc, schema)), TextView.identity(doc.text), schema)
        answer = FORMATS[format].write(drafts, schema)
    except FormatError:
        return
    yield f"{prompt.instruction}\nTypes: {prompt.schema}\n\nText: {doc.text}\nAnswer:"
    yield answer


def _transferred(
    tokenizer: PreTrainedTokenizerFast, vocabulary: dict[str, int], words: torch.Tensor, cases: torch.Tensor
) -> torch.Tensor:
    """An embedding per BPE token, ``(tokens, hidden)``."""
    generator = torch.Generator().manual_seed(0)
    mean, spread = words.mean(0), words.std(0)
    rows = []
    for i in range(len(tokenizer)):
        text = "" if i in tokenizer.all_special_ids else tokenizer.decode([i])
        pieces = [vocabulary["[SEP]"]] if i == tokenizer.eos_token_id else _pieces(text, vocabulary)
        noise = 0.1 * spread * torch.randn(len(mean), generator=generator)
        rows.append((words[pieces].mean(0) if pieces else mean + noise) + cases[case_of(text.strip())])
    return torch.stack(rows)


def _pieces(text: str, vocabulary: dict[str, int]) -> list[int]:
    """The WordPieces of a token, longest first; letters without a leading blank continue a word."""
    is_inside = text[:1].isalnum()
    rest, found = text.strip().lower(), []
    while rest:
        mark = "##" if is_inside and rest[0].isalnum() else ""
        size = next((n for n in range(len(rest), 0, -1) if mark + rest[:n] in vocabulary), 0)
        if size:
            found.append(vocabulary[mark + rest[:size]])
        is_inside = size > 0 and rest[size - 1].isalnum()
        rest = rest[max(size, 1) :]
    return found


if __name__ == "__main__":
    logging.set_verbosity_error()
    app()
