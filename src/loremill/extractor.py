# SPDX-License-Identifier: Apache-2.0
"""The one object most users hold: documents and a schema in, grounded frames out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, overload

from .asking import Asker
from .assembly import Assembly, assembled, assembly_of
from .errors import FormatError, InputError, SchemaError, StrictError
from .extraction import Extraction
from .formats.format import needs_given
from .formats.grammar import MAX_ITEMS
from .formats.grounding import ground
from .frames import Document, Frame
from .models import load_model
from .prompt import Completion, Demonstrations, Model, Request
from .relating import Relating
from .schema import Schema, fingerprint, load_schema
from .text import Mention, TextView
from .windows import Part, Window, told_smaller, windows

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
    and the answers are grounded, scored and merged in the document's offsets. A model that is used to it is asked for
    relations among the entities that its span head has found (see `relating`), where relations name the types that
    they take. A family whose types alone fill the
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
        span_head: let the model's span head, where it has one, find the entities (see `Asker`).
        span_threshold: least probability of what it finds: lower finds more, higher is surer; None: the head's own.

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
        span_head: bool = True,
        span_threshold: float | None = None,
    ) -> None:
        if schema is None:
            raise SchemaError('extraction needs a schema, got none: say what to find, e.g. "person, organization"')
        if not 0.0 <= min_score <= 1.0:
            raise InputError(f"min_score needs to be in 0..1, got {min_score}")
        if max_chars is not None and max_chars < 1:
            raise InputError(f"max_chars needs to be at least 1, got {max_chars}")
        self.schema: Schema = load_schema(schema)
        self.model: Model = (
            load_model(model, adapter=adapter, dtype=dtype, batch_size=batch_size, capabilities=capabilities)
            if isinstance(model, str)
            else model
        )
        self.asker = Asker(
            self.model,
            self.schema,
            format,
            grammar=grammar,
            demonstrations=demonstrations,
            instruction_seed=instruction_seed,
            instructions=instructions,
            types_per_request=types_per_request,
            span_head=span_head,
            span_threshold=span_threshold,
        )
        self.format, self.grammar = self.asker.format, self.asker.grammar
        self.instructions, self.parts = self.asker.instructions, self.asker.parts
        self.strict = strict
        self.min_score = min_score
        self.progress = progress
        self.window = window or Window()
        self.max_chars = max_chars
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
        self.identity |= self.asker.identity
        self.relating = Relating(self.asker, self.schema, self.window) if self.asker.is_relating else None
        if self.relating is not None:
            self.instructions = {**self.instructions, "relations": self.relating.instruction}
            self.identity["instruction for relations"] = self.relating.instruction
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
        asked = assembled(self.model, assemblies, self._requests, self._take)
        results: Iterator[Extraction] = (assembly.result(self.schema, min_score=self.min_score) for assembly in asked)
        if self.relating is not None:
            results = self.relating.related(results, min_score=self.min_score)
        for result in results:
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
        for number, (start, end) in enumerate(windows(text, self.window, self.asker.fits, smaller=smaller)):
            assembly.show(start, end)
            shown = text[start:end]
            view = self.model.view(shown)
            for part in self.asker.each_part():
                if self.relating is not None and part.families == ("relations",):
                    continue
                request, notes = self.asker.about(part, shown, view)
                for note in notes:
                    assembly.notes.add(note, window=number)
                yield _Ask(part, view, number, start), request
        if smaller:
            assembly.notes.add(told_smaller(self.window, smaller))

    def _take(self, assembly: Assembly, ask: _Ask, completion: Completion) -> None:
        part = ask.part
        if completion.spans is not None:
            named = [(part.types[span.label].name, span) for span in completion.spans]
            found = [Frame(name, Mention.at(span.start, span.end), score=span.score) for name, span in named]
            assembly.add_frames(found, window=ask.window, start=ask.start, family=part.families[0])
            return
        drafts, rejects = self.asker.read(completion, part)
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

    def _shown(self, docs: Iterable[Text], total: int | None) -> Iterator[Extraction]:
        """The stream, with a progress bar if one is wanted."""
        if not self.progress:
            return self._stream(docs)
        from rich.console import Console
        from rich.progress import track

        console = Console(stderr=True)
        return iter(track(self._stream(docs), total=total, description="extracting", console=console, transient=True))
