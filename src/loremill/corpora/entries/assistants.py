# SPDX-License-Identifier: Apache-2.0
"""Requests to voice assistants and flight desks: slots as entities, intents as classes."""

from __future__ import annotations

from collections.abc import Mapping

from ...schema import FrameType, Schema
from ..corpus import Corpus, Part
from .wording import entities


def _intents(described: Mapping[str, str]) -> tuple[FrameType, ...]:
    return tuple(
        FrameType(name, family="classes", description=text, group="intent") for name, text in described.items()
    )


_SNIPS_SLOTS = {
    "album": "The title of a record.",
    "artist": "The name of somebody who makes music.",
    "best_rating": "The highest rating that can be given, such as the 6 in 4 out of 6.",
    "city": "The name of a town.",
    "condition_description": "What the weather is like: rain, snowy, foggy.",
    "condition_temperature": "How warm it is: hot, chilly, freezing.",
    "country": "The name of a country.",
    "cuisine": "A style of cooking.",
    "current_location": "Words for where the speaker is.",
    "entity_name": "The title of what is to be put into a playlist.",
    "facility": "Something a restaurant offers, such as a pool or wifi.",
    "genre": "A kind of music.",
    "geographic_poi": "The name of a park, island or other landmark, asked about for its weather.",
    "location_name": "The name of a cinema or cinema chain.",
    "movie_name": "The title of a film that is shown.",
    "movie_type": "A kind of film to be shown, such as animated movies.",
    "music_item": "A kind of thing in music: song, tune, album, artist.",
    "object_location_type": "A kind of place where films are shown, such as a movie theatre.",
    "object_name": "The title of a book or other work that is rated or looked for.",
    "object_part_of_series_type": "Words for a part of a series, such as saga or chronicle.",
    "object_select": "Words that point at one work: this, current, last, next.",
    "object_type": "A kind of work or listing: book, novel, tv show, movie times.",
    "party_size_description": "Who eats: names or words such as my sister and I.",
    "party_size_number": "How many people eat.",
    "playlist": "The name of a playlist.",
    "playlist_owner": "Whose playlist it is.",
    "poi": "A place near which a restaurant is to be, such as a station or home.",
    "rating_unit": "What ratings are counted in: stars or points.",
    "rating_value": "The rating that is given.",
    "restaurant_name": "The name of a restaurant.",
    "restaurant_type": "A kind of place to eat or drink: bar, diner, cafe.",
    "served_dish": "A food that a restaurant is to serve.",
    "service": "The name of a music service or player.",
    "sort": "How results are ranked: best, popular, top-rated, newest.",
    "spatial_relation": "Words for how far or in which direction: near, close by, ten miles from.",
    "state": "The name of a state or its abbreviation.",
    "timeRange": "A time or span: tonight, at noon, in ten minutes, on June 4.",
    "track": "The title of a song to be played.",
    "year": "A year or decade that music comes from.",
}
_SNIPS_INTENTS = {
    "AddToPlaylist": ("add_to_playlist", "Something is to be put into a playlist."),
    "BookRestaurant": ("book_restaurant", "A table in a restaurant is to be booked."),
    "GetWeather": ("get_weather", "The weather is asked for."),
    "PlayMusic": ("play_music", "Music is to be played."),
    "RateBook": ("rate_book", "A book is given a rating."),
    "SearchCreativeWork": ("search_creative_work", "A book, show, song or other work is to be found."),
    "SearchScreeningEvent": ("search_screening_event", "Cinemas and times at which films are shown are asked for."),
}
_SNIPS_NAMES = {raw: "time_range" if raw == "timeRange" else raw for raw in _SNIPS_SLOTS}

_SNIPS = Corpus(
    name="snips",
    parts={
        split: Part((f"{folder}/seq.in",)) for split, folder in (("train", "train"), ("dev", "valid"), ("test", "test"))
    },
    reader="seq_in_out",
    schema=Schema(
        (
            *entities(**{_SNIPS_NAMES[raw]: text for raw, text in _SNIPS_SLOTS.items()}),
            *_intents(dict(_SNIPS_INTENTS.values())),
        ),
        "snips",
    ),
    names={**_SNIPS_NAMES, **{raw: name for raw, (name, _) in _SNIPS_INTENTS.items()}},
    families=("entities", "classes"),
    domain="requests to voice assistants",
    licence="not stated (origin CC0 1.0)",
    citation="Coucke et al., Snips Voice Platform, arXiv 1805.10190; split of Goo et al. (Slot-Gated), NAACL 2018",
    note="all lower case, without punctuation; an intent is a frame without mentions; 23 utterances are in both train "
    "and test",
    definitions_from="examples of each slot and intent in train",
)

_ATIS_PLACES = {
    "fromloc": ("departure", "from which the flight leaves"),
    "toloc": ("arrival", "to which the flight goes"),
    "stoploc": ("stopover", "where the flight stops on the way"),
}
_ATIS_MOMENTS = {
    "depart_date": ("departure", "of the day on which the flight leaves"),
    "arrive_date": ("arrival", "of the day on which the flight arrives"),
    "return_date": ("return", "of the day of the flight back"),
    "depart_time": ("departure", "of the time at which the flight leaves"),
    "arrive_time": ("arrival", "of the time at which the flight arrives"),
    "return_time": ("return", "of the time of the flight back"),
}
_ATIS_PARTS = {
    "city_name": ("city", "The city"),
    "airport_name": ("airport", "The airport, by name,"),
    "airport_code": ("airport code", "The airport, by code,"),
    "state_name": ("state", "The state, by name,"),
    "state_code": ("state code", "The state, by abbreviation,"),
    "country_name": ("country", "The country"),
    "day_name": ("day of the week", "The day of the week"),
    "day_number": ("day of the month", "The day of the month"),
    "month_name": ("month", "The month"),
    "year": ("year", "The year"),
    "date_relative": ("relative date", "Words such as next or following"),
    "today_relative": ("date relative to today", "Words such as today or tomorrow"),
    "time": ("time", "The hour"),
    "time_relative": ("relative time", "Words such as before, after or around"),
    "period_of_day": ("part of the day", "The part of the day, such as morning,"),
    "period_mod": ("early or late", "Words such as early or late"),
    "start_time": ("start of the time span", "The beginning of a span"),
    "end_time": ("end of the time span", "The end of a span"),
}
_ATIS_COMPOUND = (
    *("fromloc.airport_code", "fromloc.airport_name", "fromloc.city_name", "fromloc.state_code", "fromloc.state_name"),
    *("toloc.airport_code", "toloc.airport_name", "toloc.city_name", "toloc.country_name", "toloc.state_code"),
    *("toloc.state_name", "stoploc.airport_code", "stoploc.airport_name", "stoploc.city_name", "stoploc.state_code"),
    *("depart_date.date_relative", "depart_date.day_name", "depart_date.day_number", "depart_date.month_name"),
    *("depart_date.today_relative", "depart_date.year", "arrive_date.date_relative", "arrive_date.day_name"),
    *("arrive_date.day_number", "arrive_date.month_name", "arrive_date.today_relative", "return_date.date_relative"),
    *("return_date.day_name", "return_date.day_number", "return_date.month_name", "return_date.today_relative"),
    *("depart_time.end_time", "depart_time.period_mod", "depart_time.period_of_day", "depart_time.start_time"),
    *("depart_time.time", "depart_time.time_relative", "arrive_time.end_time", "arrive_time.period_mod"),
    *("arrive_time.period_of_day", "arrive_time.start_time", "arrive_time.time", "arrive_time.time_relative"),
    *("return_time.period_mod", "return_time.period_of_day"),
)
_ATIS_SIMPLE = {
    "aircraft_code": "The kind of aircraft, such as 747 or d10.",
    "airline_code": "An airline, by its code of letters.",
    "airline_name": "An airline, by name.",
    "airport_code": "An airport, by code, that is neither departure, arrival nor stopover.",
    "airport_name": "An airport, by name, that is neither departure, arrival nor stopover.",
    "booking_class": "The class in which a seat is booked.",
    "city_name": "A city that is neither departure, arrival nor stopover.",
    "class_type": "The class of a seat, such as first class or coach.",
    "compartment": "The part of the aircraft in which somebody sits.",
    "connect": "Whether flights connect: connecting, direct.",
    "cost_relative": "Words such as cheapest, lowest or under.",
    "day_name": "A day of the week that is not said to be that of a flight.",
    "day_number": "A day of the month that is not said to be that of a flight.",
    "days_code": "The code of the days on which a flight goes.",
    "economy": "Words for the economy class.",
    "fare_amount": "An amount of money for a fare.",
    "fare_basis_code": "The code of a fare, such as qx or y.",
    "flight": "Words for a flight as such.",
    "flight_days": "On which days a flight goes, such as daily.",
    "flight_mod": "Which flight of several: last, earliest, latest.",
    "flight_number": "The number of a flight.",
    "flight_stop": "Whether a flight stops: nonstop, one stop.",
    "flight_time": "Words for the times of flights, such as schedule or departure time.",
    "meal": "A meal on a flight.",
    "meal_code": "The code of a meal.",
    "meal_description": "A kind of meal: breakfast, dinner, snack.",
    "mod": "Words that narrow a request and fit nowhere else.",
    "month_name": "A month that is not said to be that of a flight.",
    "or": "The word or between two wishes.",
    "period_of_day": "A part of the day that is not said to be that of a flight.",
    "restriction_code": "The code of a restriction, such as ap/57.",
    "round_trip": "Whether there and back: round trip, one way.",
    "state_code": "A state, by abbreviation, that is neither departure nor arrival.",
    "state_name": "A state, by name, that is neither departure nor arrival.",
    "time": "An hour that is not said to be that of a flight.",
    "time_relative": "Words such as before or after that belong to no flight.",
    "today_relative": "Words such as today or tomorrow that belong to no flight.",
    "transport_type": "A way to travel on the ground, such as taxi or limousine.",
}
_ATIS_INTENTS = {
    "abbreviation": "What a code or abbreviation means is asked.",
    "aircraft": "Which aircraft is used is asked.",
    "airfare": "What a flight costs is asked.",
    "airline": "Which airline flies is asked.",
    "airport": "Which airport there is, is asked.",
    "capacity": "How many people an aircraft holds is asked.",
    "cheapest": "Which is cheapest is asked.",
    "city": "Which city is served or meant is asked.",
    "day_name": "On which days a flight goes is asked.",
    "distance": "How far apart two places are is asked.",
    "flight": "Flights are asked for.",
    "flight_no": "The number of a flight is asked.",
    "flight_time": "When a flight goes is asked.",
    "ground_fare": "What travel on the ground costs is asked.",
    "ground_service": "How to travel on the ground is asked.",
    "meal": "Which meal is served is asked.",
    "quantity": "How many there are is asked.",
    "restriction": "Which restrictions a fare has is asked.",
}


def _atis_slot(raw: str) -> FrameType:
    """A slot of two levels; label and definition are put together from the words of both."""
    place, part = raw.split(".")
    adjective, what = (_ATIS_PLACES | _ATIS_MOMENTS)[place]
    noun, subject = _ATIS_PARTS[part]
    kind = " date" if place.endswith("_date") and part not in ("date_relative", "today_relative") else ""
    return FrameType(raw.replace(".", "_"), f"{adjective}{kind} {noun}", description=f"{subject} {what}.")


_ATIS = Corpus(
    name="atis",
    parts={
        split: Part((f"{folder}/seq.in",)) for split, folder in (("train", "train"), ("dev", "valid"), ("test", "test"))
    },
    reader="seq_in_out",
    schema=Schema(
        (
            *(_atis_slot(raw) for raw in _ATIS_COMPOUND),
            *entities(**_ATIS_SIMPLE),
            *_intents({f"ask_{name}": text for name, text in _ATIS_INTENTS.items()}),
        ),
        "atis",
    ),
    names={
        **{raw: raw.replace(".", "_") for raw in _ATIS_COMPOUND},
        **{raw: raw for raw in _ATIS_SIMPLE},
        **{f"atis_{name}": f"ask_{name}" for name in _ATIS_INTENTS},
    },
    families=("entities", "classes"),
    domain="spoken enquiries about flights",
    licence="not stated (origin LDC)",
    citation="Hemphill, Godfrey and Doddington, The ATIS Spoken Language Systems Pilot Corpus, 1990; split of Goo et "
    "al. (Slot-Gated), NAACL 2018",
    note="all lower case; of several intents joined by # each is a frame, so that the 26 labels are 18 classes; "
    "7 utterances are in both train and test",
    definitions_from="the words of two-level slots, by rule; examples of each other slot and intent",
)

CORPORA = (_ATIS, _SNIPS)
