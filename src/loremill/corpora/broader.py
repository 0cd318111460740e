# SPDX-License-Identifier: Apache-2.0
"""What kinds of things types of the catalogue are kinds of: an actor is a person, a country is a location.

Two uses in training: a type is no negative beside one that may mean its mentions too, and a model is shown that of a
broad and a narrow type that are both asked for the narrow one is the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NARROWER: Mapping[str, str] = {
    "person": """actor director character film_director politician leader sportsperson military_person astronaut
        architect author screenwriter composer musician musical_artist comics_creator developer fictional_character
        artist playlist_owner""",
    "location": """city city_name country state state_name state_or_province current_location geographic_poi poi
        location_name facility river body_of_water mountain mountain_range airport airport_name building historic_site
        sports_venue monument fromloc_airport_name fromloc_city_name fromloc_state_name toloc_airport_name
        toloc_city_name toloc_country_name toloc_state_name stoploc_airport_name stoploc_city_name""",
    "organization": """corporation group political_party sports_team sports_league publisher record_label manufacturer
        film_company broadcaster broadcast_station armed_force airline airline_name restaurant_name service developer
        musical_artist educational_institution legislature""",
    "creative work": """album track song soundtrack title movie_name film television_programme
        musical_work published_work video_game book origin playlist entity_name object_name""",
    "product": """creative_work video_game operating_system computing_platform musical_instrument aircraft book film
        published_work""",
    "event": "sports_event election military_conflict space_mission",
    "time": """year hours time_range depart_time_time arrive_time_time depart_time_start_time depart_time_end_time
        arrive_time_start_time arrive_time_end_time depart_time_period_of_day arrive_time_period_of_day
        return_time_period_of_day period_of_day day_name month_name depart_date_day_name depart_date_month_name
        arrive_date_day_name arrive_date_month_name return_date_day_name return_date_month_name depart_date_year
        flight_time""",
    "quality": "rating average_rating rating_value best_rating review opinion price cost_relative",
    "genre": "movie_type cuisine restaurant_type music_item",
    "food": "dish served_dish meal meal_description ingredient cuisine",
    "gene or gene product": "gene protein dna rna sequence_feature amino_acid",
    "molecule": "protein dna rna chemical simple_chemical amino_acid drug",
    "chemical": "simple_chemical drug amino_acid",
    "medical condition": "disease cancer adverse_effect disability pathological_formation clinical_entity",
    "anatomical entity": """anatomy cell cell_type cell_line cellular_component organ tissue multi_tissue_structure
        organism_subdivision organism_substance anatomical_system immaterial_anatomical_entity
        developing_anatomical_structure pathological_formation cancer""",
    "cell": "cell_type cell_line",
    "living being": "species organism taxon plant",
    "method": "algorithm",
}

BROADER: Mapping[str, tuple[str, ...]] = {
    name: tuple(label for label, names in _NARROWER.items() if name in names.split())
    for name in dict.fromkeys(re.findall(r"\w+", " ".join(_NARROWER.values())))
}
"""Name of a type -> labels of what its mentions are too."""
