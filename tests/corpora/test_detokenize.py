# SPDX-License-Identifier: Apache-2.0
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loremill.corpora.detokenize import detokenize

TREEBANK = {"``", "''", "`", "'", "-LRB-", "-RRB-", "-LSB-", "-RSB-", "-LCB-", "-RCB-"}
hostile = st.sampled_from(["'", '"', "`", "``", "''", "-", "/", ".", ",", "(", ")", "$", "%", "'s", "n't", "1", "200"])
tokens = st.lists(st.one_of(hostile, st.text(min_size=1, max_size=6).filter(lambda t: not any(map(str.isspace, t)))))


@pytest.mark.parametrize(
    ("given_tokens", "join", "expected"),
    [
        ("Ada left , then ( at noon ) slept .", "", "Ada left, then (at noon) slept."),
        ("She does n't know Ada 's dog , it 's odd !", "", "She doesn't know Ada's dog, it's odd!"),
        ('He said " no " and " yes " .', "", 'He said "no" and "yes".'),
        ("` ` Well , ' ' he said .", "", '"Well," he said.'),
        ("`` Well , '' he said .", "", '"Well," he said.'),
        ("the little ' perks ' were", "", "the little 'perks' were"),
        ("the workers ' union", "", "the workers' union"),
        ('he left . "', "", 'he left."'),
        ("It costs $ 5 or C$ 6 , 95 % off", "", "It costs $5 or C$6, 95% off"),
        ("A $ sign", "", "A $ sign"),
        ("-LRB- AP -RRB- _ Rain", "", "(AP) _ Rain"),
        ("submerge 150 , 000 hectares", "", "submerge 150,000 hectares"),
        ("CRICKET - LEEDS TAKE OVER", "", "CRICKET - LEEDS TAKE OVER"),
        ("a 56 - year - old with Parkinson ' s", "-/.", "a 56-year-old with Parkinson's"),
        ("0 . 5 mg / kg i . v . daily .", "-/.", "0.5 mg/kg i.v. daily."),
        ("", "", ""),
    ],
)
def test_text_is_what_a_user_would_write(given_tokens, join, expected):
    assert detokenize(given_tokens.split(), join=join)[0] == expected


@given(tokens, st.sampled_from(["", "-/", "-/."]))
@settings(deadline=None)
def test_every_token_stands_at_its_offsets(given_tokens, join):
    text, offsets = detokenize(given_tokens, join=join)
    assert len(offsets) == len(given_tokens)
    for token, (start, end) in zip(given_tokens, offsets, strict=True):
        if token not in TREEBANK:
            assert text[start:end] == token
        assert start < end


@given(tokens, st.sampled_from(["", "-/", "-/."]))
@settings(deadline=None)
def test_tokens_keep_their_order_and_only_single_blanks_are_between(given_tokens, join):
    text, offsets = detokenize(given_tokens, join=join)
    places = sorted(set(offsets))
    assert places == list(dict.fromkeys(offsets))
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(places)]
    assert set(gaps) <= {"", " "}
    assert text == text.strip()
