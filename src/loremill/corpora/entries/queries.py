# SPDX-License-Identifier: Apache-2.0
"""What people ask machines: slots and intents."""

from __future__ import annotations

from ...schema import Schema
from ..corpus import Corpus, Part
from .wording import entities

_MIT_MOVIE = Corpus(
    name="mit_movie",
    parts={"train": Part(("engtrain.bio",)), "test": Part(("engtest.bio",))},
    reader="columns",
    options={"token": 1, "tag": 0},
    schema=Schema(
        entities(
            actor="The name of somebody who plays in a film.",
            character="The name of a role that appears in a film's story.",
            director="The name of somebody who directs films.",
            genre="A kind of film, such as comedy, horror or western.",
            plot="Words that say what a film is about or what happens in it.",
            rating="The audience class of a film, such as PG-13 or rated R.",
            average_rating="How well a film is judged, as stars, a score or a word such as good.",
            review="Words that ask for what critics or viewers wrote about a film.",
            song="The title of a piece of music, or words for a film's music.",
            title="The name of a film.",
            trailer="Words for a short preview of a film.",
            year="The time a film came out: a year, a decade or a phrase such as recent.",
        ),
        "mit_movie",
    ),
    names={
        **{raw.upper(): raw for raw in ("actor", "character", "director", "genre", "plot", "rating", "review")},
        **{raw.upper(): raw for raw in ("song", "title", "trailer", "year")},
        "RATINGS_AVERAGE": "average_rating",
    },
    families=("entities",),
    domain="spoken queries about films",
    licence="not stated",
    citation="Liu et al., ASGARD, ICASSP 2013",
    note="the eng files, all lower case; no dev part",
    aliases={
        "actor": ("actress", "film star", "cast member"),
        "character": ("character name", "fictional character"),
        "director": ("film director", "filmmaker"),
        "genre": ("film genre", "kind of film"),
        "plot": ("story", "storyline", "topic"),
        "rating": ("age rating", "audience rating"),
        "average_rating": ("ratings average", "viewer score", "quality"),
        "review": ("critique", "opinion"),
        "song": ("soundtrack", "music"),
        "title": ("film title", "movie", "film"),
        "trailer": ("preview", "teaser"),
        "year": ("release year", "date", "period"),
    },
)

CORPORA = (_MIT_MOVIE,)
