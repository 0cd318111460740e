# SPDX-License-Identifier: Apache-2.0
"""What people ask machines: slots and intents."""

from __future__ import annotations

from .wording import LOCATION_ALIASES, entities, entity_columns

_MIT_MOVIE = entity_columns(
    "mit_movie",
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
    {
        **{raw.upper(): raw for raw in ("actor", "character", "director", "genre", "plot", "rating", "review")},
        **{raw.upper(): raw for raw in ("song", "title", "trailer", "year")},
        "RATINGS_AVERAGE": "average_rating",
    },
    files={"train": "engtrain.bio", "test": "engtest.bio"},
    options={"token": 1, "tag": 0},
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
    definitions_from="examples of the training part",
)

_MIT_MOVIE_TRIVIA = entity_columns(
    "mit_movie_trivia",
    entities(
        actor="The name of somebody who plays in a film, or several such names in a row.",
        award="A prize that a film won or was nominated for, often with the verb.",
        character="The name of a role in a film's story.",
        director="The name of somebody who directs or makes films.",
        genre="A kind of film, such as romantic comedy, animated or martial arts.",
        opinion="Words that judge a film, such as classic, epic or masterpiece.",
        origin="The book, play, show or life that a film is based on.",
        plot="Words that tell what happens in a film or what it is about.",
        quote="Words that are spoken in a film.",
        relationship="How a film belongs with others: sequel, remake, first of a series.",
        soundtrack="A song or piece of music that is heard in a film.",
        year="The time a film came out: a year or a decade.",
    ),
    {
        **{raw.capitalize(): raw for raw in ("actor", "award", "director", "genre", "opinion", "origin", "plot")},
        **{raw.capitalize(): raw for raw in ("quote", "relationship", "soundtrack", "year")},
        "Character_Name": "character",
    },
    folder_name="mit_movie",
    files={"train": "trivia10k13train.bio", "test": "trivia10k13test.bio"},
    options={"token": 1, "tag": 0},
    domain="long spoken queries about films",
    licence="not stated",
    citation="Liu et al., ASGARD, ICASSP 2013; Liu et al., ASRU 2013",
    note="the trivia10k13 files, all lower case; no dev part",
    aliases={
        "actor": ("actress", "film star", "cast member"),
        "award": ("prize", "honour"),
        "character": ("character name", "fictional character"),
        "director": ("film director", "filmmaker"),
        "genre": ("film genre", "kind of film"),
        "opinion": ("judgement", "review"),
        "origin": ("source", "based on"),
        "plot": ("story", "storyline", "topic"),
        "quote": ("line of dialogue", "famous line"),
        "relationship": ("place in a series", "relation to other films"),
        "soundtrack": ("song", "music"),
        "year": ("release year", "date", "period"),
    },
    definitions_from="examples of the training and test parts",
)

_MIT_RESTAURANT = entity_columns(
    "mit_restaurant",
    entities(
        amenity="A service, feature or mood of a restaurant, such as parking, a bar or kid friendly.",
        cuisine="A style of cooking or kind of eating place, such as mexican, seafood or fast food.",
        dish="A food or drink that is served, such as pizza or a margarita.",
        hours="A meal or time at which a restaurant is open, such as dinner or until 2 am.",
        location="Where a restaurant is: a place, a distance or a word such as nearby.",
        price="How expensive a restaurant is: cheap, high end, under 10.",
        rating="How well a restaurant is judged: best, five star, good reviews.",
        restaurant_name="The name of a restaurant or chain.",
    ),
    {
        **{raw.capitalize(): raw for raw in ("amenity", "cuisine", "dish", "hours", "location", "price", "rating")},
        "Restaurant_Name": "restaurant_name",
    },
    files={"train": "restauranttrain.bio", "test": "restauranttest.bio"},
    options={"token": 1, "tag": 0, "separator": "\t"},
    domain="spoken queries about restaurants",
    licence="not stated",
    citation="Liu et al., ASGARD, ICASSP 2013",
    note="all lower case; no dev part",
    aliases={
        "amenity": ("feature", "service", "facility"),
        "cuisine": ("kind of food", "cooking style"),
        "dish": ("food", "meal"),
        "hours": ("opening hours", "time"),
        "location": LOCATION_ALIASES,
        "price": ("cost", "price range"),
        "rating": ("quality", "stars"),
        "restaurant_name": ("restaurant", "eatery"),
    },
    definitions_from="examples of the training part",
)

CORPORA = (_MIT_MOVIE, _MIT_MOVIE_TRIVIA, _MIT_RESTAURANT)
