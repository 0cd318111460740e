# SPDX-License-Identifier: Apache-2.0
"""Every reader under coverage-guided fuzzing (atheris, libFuzzer): finds what raises, hangs or breaks a promise.

    pip install atheris
    python benchmarks/fuzz.py --seconds 600

Fed with mutated bytes: the readers of all formats under a schema of every shape, JSON results, JSON lines and
CSV rows, schemas in the mini-language, as mappings and as YAML, and the readers of corpora. Only errors of
loremill (`LoremillError`) may come out; an input that takes longer than ten seconds is a fault too.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import atheris
import typer

with atheris.instrument_imports(include=["loremill"]):
    from loremill.corpora import catalogue
    from loremill.corpora.corpus import READERS
    from loremill.errors import LoremillError
    from loremill.formats import FORMATS
    from loremill.formats.grounding import ground
    from loremill.jobs import open_source
    from loremill.jobs.outputs import read_output
    from loremill.schema import load_schema, load_schema_file
    from loremill.schema.types import AttributeType, FrameType, Schema, SlotType
    from loremill.text import TextView
    from loremill.wire import from_dict, to_dict

POLARITY = AttributeType("polarity", ("positive", "negative"))
SCHEMA = Schema(
    (
        FrameType("person", attributes=(POLARITY,)),
        FrameType("works_for", family="relations", slots=(SlotType("head"), SlotType("tail"))),
        FrameType("sale", family="relations", slots=tuple(SlotType(role) for role in ("buyer", "seller", "price"))),
        FrameType("attack", family="events", slots=(SlotType("attacker"), SlotType("time")), attributes=(POLARITY,)),
        FrameType("book_flight", family="classes"),
    )
)
TEXT = "Ada and Ada of the Navy: bombed; on Monday, “Null” | None 北京 {x} [y] (z) \"q\" 'w' e\u0301."
FOLDER = Path(tempfile.mkdtemp())


def _format(name: str) -> Callable[[str, bytes], None]:
    def read(text: str, data: bytes) -> None:
        format = FORMATS[name]
        drafts, rejects = format.read(text, SCHEMA, finished=bool(data[:1] and data[0] % 2))
        assert all(0 <= start <= end <= len(text) for start, end in (item.range for item in (*drafts, *rejects)))
        grounded = ground(TextView.identity(TEXT), drafts, text, SCHEMA)
        assert len(grounded.frames) + len(grounded.rejects) >= len(drafts)

    return read


def _wire(text: str, data: bytes) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        extraction = from_dict(value)
        assert from_dict(to_dict(extraction)) == extraction


def _results(text: str, data: bytes) -> None:
    for _ in read_output(_file("results.jsonl", data)):
        pass


def _rows(suffix: str) -> Callable[[str, bytes], None]:
    def read(text: str, data: bytes) -> None:
        for row in open_source(_file(f"rows{suffix}", data)).rows:
            assert row.error is not None or row.text.strip()

    return read


def _schema_file(suffix: str) -> Callable[[str, bytes], None]:
    return lambda text, data: (load_schema_file(_file(f"schema{suffix}", data)), None)[1]


def _corpus(name: str) -> Callable[[str, bytes], None]:
    entry = next(entry for entry in catalogue().values() if entry.reader == name)
    options = {**entry.options, **next(iter(entry.parts.values())).options}

    def read(text: str, data: bytes) -> None:
        for doc in READERS[name](_file("corpus", data), name_of=lambda label: label or "x", **options):
            assert all(mention.texts_in(doc.text) for frame in doc.frames for mention in frame.mentions())

    return read


def _file(name: str, data: bytes) -> Path:
    path = FOLDER / name
    path.write_bytes(data)
    return path


TARGETS: dict[str, Callable[[str, bytes], None]] = {
    **{f"format {name}": _format(name) for name in FORMATS},
    "result": _wire,
    "file of results": _results,
    "rows .jsonl": _rows(".jsonl"),
    "rows .csv": _rows(".csv"),
    "schema in words": lambda text, data: (load_schema(text), None)[1],
    "schema .yaml": _schema_file(".yaml"),
    "schema .json": _schema_file(".json"),
    **{f"corpus {name}": _corpus(name) for name in READERS},
}
SEEDS = [
    " person: Ada; works for: Ada, Navy; attack: bombed, attacker: Ada, polarity: negative; book flight",
    ' {"person": ["Ada"], "works for": [{"head": "Ada", "tail": "Navy"}], "attack": [{"trigger": "bombed"}]}',
    ' [\n    Person(span="Ada"),\n    WorksFor(head="Ada", tail="b"),\n    Attack(mention="bombed", time=["x"]),\n]',
    " {(person: Ada), (attack: bombed): [(attacker: Ada), (polarity: negative)], (works for: Null): [(head: Ada)]}",
    " 1. person: Ada\n2. attack: bombed, attacker: Ada",
    ' "Ada" is a "person". "bombed" evokes an "attack", with "Ada" as its "attacker".',
    '{"id": "7", "text": "Ada met Bob.", "frames": [{"type": "person", "score": 0.9, "filler": {"start": 0, "end": 3, '
    '"text": "Ada"}, "slots": [], "attributes": {}}], "rejected": [], "coverage": 1.0, "usage": {"prompt_tokens": 4, '
    '"completion_tokens": 1, "requests": 2}, "error": null}',
    "person, company, works_for(person, company), attack!(attacker, time), size: big | small",
    "person:\n  description: someone\nworks_for: {head: person, tail: company}\n",
    "EU B-ORG\nrejects O\n\nPeter B-PER\n",
    '{"tokens": ["EU", "rejects"], "entities": [{"type": "ORG", "start": 0, "end": 1}]}',
    'id,text\n1,"Ada, Bob"\n',
]


def one_input(data: bytes) -> None:
    """The first byte chooses the reader, the rest is what it reads."""
    if not data:
        return
    targets = list(TARGETS.values())
    rest = data[1:]
    with contextlib.suppress(LoremillError):
        targets[data[0] % len(targets)](rest.decode("utf-8", errors="replace"), rest)


def main(seconds: Annotated[int, typer.Option(help="how long to try")] = 600) -> None:
    """Fuzz until the time is over or something is found (then the input is written to a file that is named)."""
    seeds = FOLDER / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(SEEDS):
        for target in range(len(TARGETS)):
            (seeds / f"{number}-{target}").write_bytes(bytes([target]) + seed.encode())
    print(f"{len(TARGETS)} readers: {', '.join(TARGETS)}", flush=True)
    flags = [f"-max_total_time={seconds}", "-timeout=10", "-max_len=4096", "-rss_limit_mb=4096", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *flags, str(seeds)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    typer.run(main)
