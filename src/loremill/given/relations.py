# SPDX-License-Identifier: Apache-2.0
"""Relations of given entities: their mentions are told, the relations among them are asked for (TA-MoELoRA)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..assembly import assembly_of
from ..errors import FormatError, SchemaError
from ..extraction import Extraction
from ..extractor import Extractor
from ..formats.format import needs_given
from ..formats.given import is_entity
from ..frames import Document, canonical
from ..relating import Relating


def extract_relations(extractor: Extractor, docs: Iterable[Document]) -> Iterator[Extraction]:
    """The documents' own entities of the schema, and the schema's relations that are found among them.

    A document's entities are its frames of a filler alone; their types are told too, but for ``"?"`` (they need
    not be in the schema). Where there are none they are the mentions in the slots of its relations, told without a
    type. Which relations a document has already is not shown to the model. Each window is asked about by itself: all of
    its mentions are told, and relations are found among them only. A window with fewer than two is not read,
    and `Extraction.coverage` is the share of the text that was. A slot whose words are those of several given mentions
    is bound as in extraction, to the closest pair.

    Raises:
        SchemaError: the extractor's schema has no relations.
        FormatError: its format does not write relations.
        StrictError: under the extractor's ``strict``, at the first document that failed or lost an item.
    """
    if "relations" not in extractor.schema.families:
        got = ", ".join(extractor.schema.families)
        raise SchemaError(f"extract_relations needs a schema with relations, got only {got}")
    if needs_given(extractor.format):
        raise FormatError(
            f"extract_relations needs a format that writes relations, got {extractor.identity['format']!r}: "
            "assign_types asks for the types of given pairs"
        )
    return _extracted(extractor, docs)


def _extracted(extractor: Extractor, docs: Iterable[Document]) -> Iterator[Extraction]:
    relating = Relating(extractor.asker, extractor.schema, extractor.window)
    for assembly in relating.assembled(assembly_of(doc, str(number)) for number, doc in enumerate(docs)):
        result = assembly.result(extractor.schema, min_score=extractor.min_score)
        if result.error is None:
            own = [f for f in assembly.doc.frames if f.type in extractor.schema and is_entity(f, extractor.schema)]
            result = replace(
                result,
                frames=canonical((*own, *result.frames)),
                instructions=(("relations", relating.instruction),),
            )
        yield extractor.checked(result, is_whole=False)
