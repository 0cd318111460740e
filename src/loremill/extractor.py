# SPDX-License-Identifier: Apache-2.0
"""The one object most users hold: documents and a schema in, grounded frames out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, overload

from .assembly import Assembly, assembled
from .errors import FormatError, GrammarLimit, InputError, SchemaError, StrictError, UnknownNameError
from .extraction import Extraction
from .formats import FORMATS, Format
from .formats.drafts import answer_of
from .formats.format import needs_given
from .formats.grammar import MAX_ITEMS
from .formats.grounding import ground
from .formats.instructions import Task, instruction
from .formats.instructions.pools import pools_of
from .frames import Document, Draft, Reject
from .models import load_model
from .prompt import Completion, Demonstration, Demonstrations, Model, Prompt, Request
from .schema import Family, Schema, fingerprint, load_schema
from .schema.split import split
from .text import TextView
from .windows import Part, Window, told_smaller, windows

ANSWER_SHARE = 4
"""One token in so many of the model's limit is kept free for the answer."""
MAX_ANSWER_RESERVE = 1024
MIN_TEXT = 8
"""Tokens of text that a window has room for at least."""

Text = str | Document


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request under way: which window of which document it is about, and what of the schema it asks for."""

    part: Schema
    view: TextView
    window: int
    start: int


class Extractor:
    """Extraction of everything a schema names from texts of any length.

    A document is cut into windows (`Window`), each family of the schema is asked for in a request of its own,
    and the answers are grounded, scored and merged in the document's offsets. A family whose types alone fill the
    model's window is asked for in several requests, each about some of the types: `parts`.

    Args:
        model: a `Model`, or a name for `LocalModel.load`: ``nano`` (ships with the package), a folder,
            a Hugging Face name.
        schema: anything `load_schema` reads.
        adapter: folder or name of a PEFT adapter, when ``model`` is a name.
        capabilities: those of a capability adapter that are to act, as in ``judging,locating`` or ``(1, 1, 0)``, when
            ``model`` is a name; None leaves it to the adapter's gates.
        dtype: what a model given by name computes in, as `load_model` takes it; ``int8`` is fast on a CPU.
        format: how frames are written, a name of `FORMATS`.
        grammar: hold completions to the schema and to the words of the text.
        strict: raise `StrictError` when a document fails or any piece of an answer or of the text is not used.
        min_score: frames below go to the ledger.
        batch_size: rows generated together, when ``model`` is a name.
        progress: show a progress bar on standard error.
        window: how documents are cut.
        max_chars: read only so many characters of each document; `Extraction.coverage` tells.
        demonstrations: who finds worked examples for a text.
        instruction_seed: draws the wording of each family's instruction from its pool
            (`formats.instructions.POOLS`); None takes the canonical one. `Extraction.instructions` tells.
        instructions: file of pools that take the place of the library's, see `formats.instructions.pools`.
        types_per_request: types of a family that one request asks for at most; None: all of them where they fit,
            else as many as fill half of what the model can read.

    Raises:
        LoremillError: the model, schema or format cannot be used, or not together.
    """

    def __init__(
        self,
        model: Model | str = "nano",
        schema: Any = None,
        *,
        adapter: str | None = None,
        capabilities: str | Sequence[int] | None = None,
        dtype: str = "auto",
        format: str = "listing",
        grammar: bool = True,
        strict: bool = False,
        min_score: float = 0.0,
        batch_size: int = 16,
        progress: bool = False,
        window: Window | None = None,
        max_chars: int | None = None,
        demonstrations: Demonstrations | None = None,
        instruction_seed: int | None = None,
        instructions: str | Path = "",
        types_per_request: int | None = None,
    ) -> None:
        if schema is None:
            raise SchemaError('extraction needs a schema, got none: say what to find, e.g. "person, organization"')
        if format not in FORMATS:
            raise UnknownNameError("format", format, FORMATS)
        if not 0.0 <= min_score <= 1.0:
            raise InputError(f"min_score needs to be in 0..1, got {min_score}")
        if max_chars is not None and max_chars < 1:
            raise InputError(f"max_chars needs to be at least 1, got {max_chars}")
        if types_per_request is not None and types_per_request < 1:
            raise InputError(f"types_per_request needs to be at least 1, got {types_per_request}")
        self.schema: Schema = load_schema(schema)
        self.model: Model = (
            load_model(model, adapter=adapter, dtype=dtype, batch_size=batch_size, capabilities=capabilities)
            if isinstance(model, str)
            else model
        )
        self.format: Format = FORMATS[format]
        if (why := self.format.survives(self.model.writing)) is not None:
            able = [name for name, other in FORMATS.items() if other.survives(self.model.writing) is None]
            raise FormatError(f"this model cannot write the format {format!r}: {why}; it can write {', '.join(able)}")
        self.grammar = grammar and "grammar" in self.model.can
        self.strict = strict
        self.min_score = min_score
        self.progress = progress
        self.window = window or Window()
        self.max_chars = max_chars
        self.demonstrations = demonstrations
        self.identity: dict[str, str] = {
            **self.model.identity,
            "schema": fingerprint(self.schema),
            "format": format,
            "grammar": "yes" if self.grammar else "no",
            "window": self.window.identity,
            "max_chars": str(max_chars or "all"),
            "min_score": str(min_score),
            "loremill": version("loremill"),
        }
        reserve = min(self.model.max_tokens // ANSWER_SHARE, MAX_ANSWER_RESERVE)
        self.budget = self.model.max_tokens - reserve
        self.instruction_seed = instruction_seed
        self._pools = pools_of(instructions)
        self.parts: dict[Family, tuple[Schema, ...]] = {
            f: self._split(self.schema.family(f), types_per_request) for f in self.schema.families
        }
        self.instructions: dict[Family, str] = {f: self._prompt(p[0], "").instruction for f, p in self.parts.items()}
        self.identity |= {f"instruction for {family}": words for family, words in self.instructions.items()}
        self.identity |= {f"requests for {f}": f"{len(p)} per window" for f, p in self.parts.items() if len(p) > 1}
        self._count_bare = lru_cache(maxsize=100)(self.model.count_tokens)
        self._measure()
        if strict and grammar and not self.grammar:
            raise StrictError("strict extraction with a grammar needs a model that can follow one")

    @overload
    def extract(self, docs: Text) -> Extraction: ...  # type: ignore[overload-overlap]
    @overload
    def extract(  # type: ignore[overload-overlap]
        self, docs: list[Text] | list[str] | list[Document]
    ) -> list[Extraction]: ...
    @overload
    def extract(self, docs: Iterable[Text]) -> Iterator[Extraction]: ...

    def extract(self, docs: Text | Iterable[Text]) -> Extraction | list[Extraction] | Iterator[Extraction]:
        """Extractions in the order of the documents: one for a text, a list for a list, else a lazy iterator.

        Memory stays flat over an iterator. A document that cannot be processed gives an extraction with
        ``error`` set; a single text raises instead.

        Raises:
            StrictError: under ``strict``, at the first document with anything that was not used.
            FormatError: the format is about given mentions.
            LoremillError: a single text cannot be processed.
        """
        if needs_given(self.format):
            raise FormatError(f"the format {self.identity['format']!r} is about given mentions: use assign_types")
        if isinstance(docs, str | Document):
            extraction = next(self._stream([docs]))
            if extraction.error is not None:
                raise InputError(extraction.error)
            return extraction
        if isinstance(docs, list):
            return list(self._shown(docs, len(docs)))
        return self._shown(docs, None)

    def _stream(self, docs: Iterable[Text]) -> Iterator[Extraction]:
        assemblies = (assembly_of(doc, str(number)) for number, doc in enumerate(docs))
        for assembly in assembled(self.model, assemblies, self._requests, self._take):
            result = assembly.result(self.schema, min_score=self.min_score)
            yield self.checked(replace(result, instructions=tuple(self.instructions.items())))

    def _requests(self, assembly: Assembly) -> Iterator[tuple[_Ask, Request]]:
        """A request per window and family; a document that cannot be cut gets an error and none."""
        text = assembly.doc.text
        if assembly.error is not None:
            return
        if self.max_chars is not None and len(text) > self.max_chars:
            assembly.notes.add(f"only the first {self.max_chars:,} of {len(text):,} characters were read")
            text = text[: self.max_chars]
        smaller: Counter[Part] = Counter()
        for number, (start, end) in enumerate(windows(text, self.window, self._fits, smaller=smaller)):
            assembly.show(start, end)
            shown = text[start:end]
            view = self.model.view(shown)
            for part in self._each_part():
                request, notes = self._request(part, shown, view)
                for note in notes:
                    assembly.notes.add(note, window=number)
                yield _Ask(part, view, number, start), request
        if smaller:
            assembly.notes.add(told_smaller(self.window, smaller))

    def _request(self, part: Schema, text: str, view: TextView) -> tuple[Request, list[str]]:
        examples, notes = self._demonstrations(text, part)
        found = len(examples)
        prompt = self._prompt(part, text, examples)
        while examples and not self.has_room(prompt):
            del examples[0]  # the best are last
            prompt = self._prompt(part, text, examples)
        if len(examples) < found:
            notes.append(f"read without {found - len(examples)} of {found} demonstrations, for there was no room")
        request, more = self.request(prompt, part, view)
        return request, notes + more

    def _prompt(self, part: Schema, text: str, examples: Sequence[Demonstration] = ()) -> Prompt:
        task: Task | None = "typing" if needs_given(self.format) else None
        wording = self.wording(task or part.families[0])
        return self.format.prompt(part, text, self.model.writing, demonstrations=examples, task=task, wording=wording)

    def wording(self, task: Task) -> str:
        """How the task is put into words, without the format's part of the instruction."""
        return instruction(task, self.instruction_seed, self._pools)

    def _demonstrations(self, text: str, part: Schema) -> tuple[list[Demonstration], list[str]]:
        """Worked examples about ``part`` of the schema in this extractor's format, with notes on what cannot be one."""
        examples: list[Demonstration] = []
        notes: list[str] = []
        for doc in self.demonstrations.select(text, part) if self.demonstrations is not None else ():
            try:
                examples.append(Demonstration(doc.text, answer_of(doc, part, self.format, self.model)))
            except FormatError as error:
                notes.append(f"read without demonstration {doc.id!r}, which cannot be written: {error}")
        return examples, notes

    def request(self, prompt: Prompt, part: Schema, view: TextView) -> tuple[Request, list[str]]:
        """The request for a prompt about ``part`` of the schema, with notes on what had to be left out.

        An answer may have 64 tokens and three times those of the text, within the model's limit.
        """
        notes = []
        grammar = None
        if self.grammar:
            try:
                grammar = self._grammar(part, view.text)
            except GrammarLimit as error:
                notes.append(f"generated without a grammar: {error}")
        tokens = self.model.count_tokens(prompt)
        room = 64 + 3 * max(0, tokens - self._count_bare(replace(prompt, text="")))
        return Request(prompt, grammar, min(room, self.model.max_tokens - tokens)), notes

    def read(self, completion: Completion, part: Schema) -> tuple[list[Draft], list[Reject]]:
        """Drafts and rejects of a completion about ``part`` of the schema."""
        return self.format.read(completion.text, part, self.model.writing, finished=completion.finish_reason == "stop")

    def has_room(self, prompt: Prompt) -> bool:
        """Whether the model can read the prompt and has room left for the answer."""
        return self.model.count_tokens(prompt) <= self.budget

    def _grammar(self, part: Schema, text: str) -> str:
        return self.format.grammar(part, text, self.model.writing)

    def _take(self, assembly: Assembly, ask: _Ask, completion: Completion) -> None:
        part = ask.part
        drafts, rejects = self.read(completion, part)
        known = assembly.known.get(ask.window, ())
        grounded = ground(ask.view, drafts, completion.text, part, known=known)
        grounded.rejects[:0] = rejects
        if self.grammar and len(drafts) >= MAX_ITEMS:
            note = f"answered with as many items as a grammar allows: {MAX_ITEMS}, use smaller windows"
            assembly.notes.add(note, window=ask.window)
        assembly.add(grounded, completion, window=ask.window, start=ask.start, family=part.families[0])

    def checked(self, extraction: Extraction, *, is_whole: bool = True) -> Extraction:
        """The extraction itself.

        Args:
            is_whole: whether all of the text was to be read.

        Raises:
            StrictError: under ``strict``, when it failed or lost anything.
        """
        if self.strict:
            name = f"document {extraction.id!r}"
            if extraction.error is not None:
                raise StrictError(f"{name}: {extraction.error}")
            if extraction.rejected:
                first = extraction.rejected[0]
                more = f" and {len(extraction.rejected) - 1} more" if len(extraction.rejected) > 1 else ""
                raise StrictError(f"{name}: {first.reason}: {first.item!r}{more}")
            if is_whole and extraction.coverage < 1.0:
                raise StrictError(f"{name}: only {math.floor(100 * extraction.coverage)} % of the text was read")
        return extraction

    def _each_part(self) -> Iterator[Schema]:
        for parts in self.parts.values():
            yield from parts

    def _split(self, schema: Schema, most: int | None) -> tuple[Schema, ...]:
        """One family's types by request. Formats about given mentions ask for all at once, for one is the answer.

        Raises:
            SchemaError: the types, or one of them alone, leave no room for a text.
        """

        def size(part: Schema) -> int:
            return self.model.count_tokens(self._prompt(part, ""))

        def fits(part: Schema) -> bool:
            has_room = size(part) + MIN_TEXT <= self.budget
            if most is not None:
                return has_room and len(part) <= most
            return has_room and (len(part) in (1, len(schema)) or 2 * size(part) <= self.budget)

        limit = (
            f"the model reads {self.model.max_tokens} and keeps {self.model.max_tokens - self.budget} for the answer"
        )
        if needs_given(self.format):
            if most is None and size(schema) + MIN_TEXT <= self.budget:
                return (schema,)
            what = f"the schema's {len(schema)} {schema.families[0]} take {size(schema)} tokens, {limit}"
            raise SchemaError(f"{what}: a format about given mentions asks for all types at once, name fewer")
        try:
            return split(schema, fits)
        except SchemaError as error:
            raise SchemaError(f"{error}; {limit}") from error

    def _measure(self) -> None:
        """Check that the schema can be written.

        Raises:
            FormatError: the format, or the model's tokenizer, cannot write the schema's labels.
        """
        for part in self._each_part():
            self.format.read("", part, self.model.writing)
            if self.grammar:
                self._grammar(part, "")

    def _fits(self, text: str) -> bool:
        return all(self.has_room(self._prompt(part, text)) for part in self._each_part())

    def _shown(self, docs: Iterable[Text], total: int | None) -> Iterator[Extraction]:
        """The stream, with a progress bar if one is wanted."""
        if not self.progress:
            return self._stream(docs)
        from rich.console import Console
        from rich.progress import track

        console = Console(stderr=True)
        return iter(track(self._stream(docs), total=total, description="extracting", console=console, transient=True))


def assembly_of(doc: object, number: str) -> Assembly:
    """What a document's result will be put together in; with an error if there is nothing to read."""
    if not isinstance(doc, str | Document):
        return Assembly(
            Document("", number), error=f"document needs to be a str or a Document, got {type(doc).__name__}"
        )
    assembly = Assembly(doc if isinstance(doc, Document) else Document(doc, number))
    if not assembly.doc.text.strip():
        assembly.error = "text is empty: a document needs at least one word"
    try:
        assembly.doc.text.encode()
    except UnicodeEncodeError as error:
        assembly.error = f"text needs to be Unicode, character {error.start} is half a surrogate pair"
    return assembly
