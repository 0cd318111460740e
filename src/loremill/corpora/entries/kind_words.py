# SPDX-License-Identifier: Apache-2.0
"""Kinds of things that relations tell of: the definition of each, and other wordings of its label."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    # people
    "politician": ("A person who holds or seeks a public office.", ("political figure", "statesman")),
    "leader": ("A person who heads a state, a city or an organization.", ("head", "person in charge")),
    "sportsperson": (
        "A player, coach or manager in sport.",
        ("footballer or coach", "sports figure"),
    ),
    "military_person": ("A person who serves in an armed force.", ("soldier", "military officer", "serviceman")),
    "astronaut": ("A person who is trained to fly in space.", ("cosmonaut", "spacefarer", "space traveller")),
    "architect": ("A person or firm that designs buildings.", ("building designer", "architecture firm")),
    "author": ("A person who writes books or other texts.", ("novelist or writer", "book author")),
    "film_director": ("A person who directs films or shows.", ("filmmaker", "movie director", "director")),
    "screenwriter": ("A person who writes scripts of films or shows.", ("scriptwriter", "script author")),
    "actor": (
        "A person who plays or voices a part in a film or show.",
        ("performer", "cast member"),
    ),
    "composer": ("A person who writes music.", ("songwriter", "music writer")),
    "musician": ("A person who plays a musical instrument.", ("instrumentalist", "instrument player")),
    "musical_artist": ("A singer, musician or band that performs music.", ("recording artist", "band or singer")),
    "comics_creator": ("A person who writes or draws comics.", ("comics artist", "comic book writer", "cartoonist")),
    "developer": ("A company or person that makes software, games or devices.", ("software company", "game studio")),
    "fictional_character": (
        "A figure of a story, film, comic or game.",
        ("character", "fictional figure"),
    ),
    # groups and organizations
    "organization": (
        "A company, agency, institution or association.",
        ("organisation", "company or agency"),
    ),
    "political_party": ("An organization that stands in elections.", ("party", "political group")),
    "sports_team": ("A club or team that plays in sport.", ("sports club", "football club", "team")),
    "sports_league": ("A set of teams that play each other over a season.", ("league", "division", "sports division")),
    "educational_institution": (
        "A university, college or school.",
        ("university", "academic institution"),
    ),
    "publisher": (
        "A company or body that publishes books, journals or games.",
        ("publishing house",),
    ),
    "record_label": ("A company or brand that issues music.", ("music label", "record company")),
    "manufacturer": ("A company that makes vehicles, devices or other goods.", ("maker", "producer of goods")),
    "film_company": (
        "A company that makes or distributes films or shows.",
        ("film studio", "production company", "film distributor"),
    ),
    "broadcaster": ("A television or radio network or channel.", ("television channel", "tv network", "network")),
    "broadcast_station": ("A local radio or television station, often by its call sign.", ("radio station", "station")),
    "armed_force": (
        "An army, navy, air force or other military service.",
        ("military branch", "military force"),
    ),
    "airline": ("A company that carries passengers by air.", ("air carrier", "flight operator")),
    "legislature": ("A parliament or assembly that makes laws.", ("parliament", "law-making assembly")),
    "ethnic_group": ("A people with a shared origin or culture.", ("people group", "ethnicity")),
    "demonym": ("What the inhabitants of a place are called.", ("name of inhabitants", "inhabitants")),
    # places
    "country": ("A state or nation.", ("nation", "state or nation", "sovereign state")),
    "city": ("A city or town.", ("town", "city or town", "municipality")),
    "state_or_province": ("A first-level division of a country.", ("state", "province", "federal state")),
    "river": ("A natural stream of water.", ("stream", "watercourse", "waterway")),
    "body_of_water": ("A sea, lake, bay, river or other water.", ("water", "sea, lake or river", "waters")),
    "mountain": ("A mountain, peak or hill.", ("peak", "summit", "hill")),
    "mountain_range": ("A chain of mountains.", ("mountain chain", "mountains")),
    # things that are built or made
    "building": ("A house, hall, tower or other structure.", ("structure", "edifice", "architectural structure")),
    "historic_site": ("A building or place that is protected as heritage.", ("heritage site", "protected site")),
    "monument": ("A memorial or statue.", ("memorial", "statue or memorial")),
    "sports_venue": ("A stadium, arena or ground for sport.", ("stadium", "arena", "sports ground")),
    "airport": ("A place where aircraft take off and land.", ("airfield", "air base", "aerodrome")),
    "aircraft": ("A model of aeroplane or helicopter.", ("plane", "airplane", "aircraft model")),
    "space_mission": ("A flight into space, by its name.", ("spaceflight", "space flight")),
    "product": ("A model of vehicle, device or other goods.", ("model", "vehicle or device", "manufactured product")),
    "video_game": ("A game or program for computers, consoles or telephones.", ("computer game", "game")),
    "operating_system": ("Software on which other programs run.", ("os", "system software")),
    "computing_platform": ("A console, computer or system on which programs run.", ("platform", "game console")),
    "dish": ("Something that is cooked or prepared to be eaten.", ("meal", "prepared food", "food")),
    "ingredient": ("A food that a dish is made of.", ("foodstuff", "food component")),
    # works
    "film": ("A film or a series for cinema or television.", ("movie", "motion picture")),
    "television_programme": (
        "A show or series that a channel broadcasts.",
        ("tv show", "television series"),
    ),
    "musical_work": ("A song, an album or another piece of music.", ("song or album", "music release", "album")),
    "book": ("A novel or another work printed as a book.", ("novel", "literary work")),
    "published_work": ("A book, journal, comic or game that a publisher issued.", ("publication", "title")),
    "academic_journal": ("A periodical with articles of research.", ("scientific journal", "journal")),
    "anthem": ("The song of a country.", ("national anthem", "national song")),
    # events, honours and offices
    "sports_event": ("A tournament, championship or match.", ("sports competition", "tournament", "championship")),
    "event": ("Games, a contest, a battle or another happening with a name.", ("named event", "contest or event")),
    "election": ("A vote for a public office or the head of a party.", ("vote", "poll")),
    "military_conflict": ("A war, battle or invasion.", ("war", "battle", "war or battle")),
    "award": ("A prize, medal or honour.", ("prize", "honour", "medal or prize")),
    "heritage_designation": (
        "A status of protection for monuments or places.",
        ("protected status",),
    ),
    "office": ("A post that a person holds in a state, church or organization.", ("position", "public office", "post")),
    # ideas and names of classes
    "language": ("A language that people speak or write.", ("tongue", "spoken language")),
    "religion": ("A faith, church or religious community.", ("faith", "belief", "church")),
    "movement": ("A movement or style in art, literature or thought.", ("art movement", "school of thought")),
    "genre": ("A kind of music, film, book or game.", ("style", "category of works")),
    "architectural_style": ("A style in which buildings are made.", ("building style", "style of architecture")),
    "academic_field": ("A branch of science or learning.", ("field of study", "academic discipline", "research area")),
    "musical_instrument": ("A device for making music.", ("instrument", "music instrument")),
    "plant": ("A plant or its fruit, by its name.", ("crop", "plant or fruit")),
    "taxon": ("A named group of living things.", ("taxonomic group", "biological group")),
    "taxonomic_rank": ("A level of the classification of living things.", ("level of classification", "taxon rank")),
    "currency": ("The money of a country.", ("money", "monetary unit")),
    # numbers and codes
    "year": ("A year.", ("point in time", "date")),
    "length": ("A number that says how long something is.", ("length value", "distance")),
    "elevation": ("A number that says how high a place lies.", ("altitude", "height above sea level")),
    "surface_area": ("A number that says how large a surface is.", ("area", "floor area", "size")),
    "area_code": ("The digits dialled before a telephone number of a place.", ("telephone code", "dialling code")),
    "identifier": (
        "A number or code under which a work is registered.",
        ("code", "registration number"),
    ),
}
"""Kind -> its definition in one sentence, other wordings of its label; no wording is used twice."""
