# SPDX-License-Identifier: Apache-2.0
"""WordNet's database files for a few synsets."""

from __future__ import annotations

from wordnet import WordNet

LICENCE = "  1 This software and database is provided as is\n"


def wordnet_of(folder, synsets):
    """The nouns ``(offset, words, offsets above, gloss)``; "run" is a verb too, and "bank" was tagged as money."""
    data, index = LICENCE, {}
    for offset, words, above, gloss in synsets:
        kind = "@i" if words[0][0].isupper() else "@"
        pointers = " ".join([f"{len(above):03d}", *(f"{kind} {key} n 0000" for key in above)])
        data += f"{offset} 03 n {len(words):02x} {' '.join(f'{w} 0' for w in words)} {pointers} | {gloss}\n"
        for word in words:
            index.setdefault(word.lower(), []).append(offset)
    (folder / "data.noun").write_text(data)
    lines = (f"{w} n {len(keys)} 1 @ {len(keys)} 0 {' '.join(keys)}\n" for w, keys in sorted(index.items()))
    (folder / "index.noun").write_text(LICENCE + "".join(lines))
    (folder / "index.verb").write_text(LICENCE + "run v 1 0 1 1 00000001\n")
    (folder / "index.adj").write_text(LICENCE)
    (folder / "index.adv").write_text(LICENCE)
    (folder / "noun.exc").write_text("pianoes piano\n")
    (folder / "cntlist.rev").write_text(
        "bank%1:14:00:: 1 3\nbank%1:17:01:: 2 2\nrun%2:38:00:: 1 90\nrun%1:04:00:: 1 5\n"
    )
    return WordNet(folder)
