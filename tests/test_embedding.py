"""Meaning as vectors: a small model by hand, the encoder, and the file that is kept."""

import json
import math
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from builders import NOW, paper
from program import Home
from test_similarity import WORLDS, many

from papertrack import embedding, encoding
from papertrack.config import Config
from papertrack.config.schema import SimilarityConfig
from papertrack.embedding.bert import gelu
from papertrack.embedding.encoder import Encoder
from papertrack.embedding.vectors import Vectors
from papertrack.errors import ConfigError, UsageError
from papertrack.reports import Batch
from papertrack.store import MEMORY, Store
from papertrack.tracker import Tracker

SIZE, WIDE, LONGEST = 8, 16, 32
TEXT = " ".join(f"{name} {text}" for name, text in WORLDS.items())
WORDS = ["[UNK]", *dict.fromkeys(TEXT.split())]


def write_model(folder: Path) -> Path:
    """A model of one layer whose attention is weak, so that texts of like words are near."""
    folder.mkdir(exist_ok=True)
    told = {
        **{"model_type": "bert", "hidden_act": "gelu", "num_hidden_layers": 1},
        **{"num_attention_heads": 2, "layer_norm_eps": 1e-12},
    }
    (folder / "config.json").write_text(json.dumps(told))
    tokens = {word: place for place, word in enumerate(WORDS)}
    (folder / "tokenizer.json").write_text(
        json.dumps(
            {
                "version": "1.0",
                "normalizer": {"type": "Lowercase"},
                "pre_tokenizer": {"type": "Whitespace"},
                "model": {"type": "WordLevel", "vocab": tokens, "unk_token": "[UNK]"},
                "added_tokens": [],
            }
        )
    )
    _write_weights(folder / "model.safetensors", _weights())
    return folder


def _weights() -> dict[str, np.ndarray]:
    chance = np.random.default_rng(1)
    layer = "encoder.layer.0"
    shapes = {
        "embeddings.word_embeddings": (len(WORDS), SIZE),
        "embeddings.position_embeddings": (LONGEST, SIZE),
        "embeddings.token_type_embeddings": (2, SIZE),
        **{f"{layer}.attention.self.{one}": (SIZE, SIZE) for one in ("query", "key", "value")},
        f"{layer}.attention.output.dense": (SIZE, SIZE),
        f"{layer}.intermediate.dense": (WIDE, SIZE),
        f"{layer}.output.dense": (SIZE, WIDE),
    }
    found = {}
    for name, shape in shapes.items():
        strength = 1.0 if "word" in name else 0.01
        found[f"{name}.weight"] = strength * chance.standard_normal(shape)
        found[f"{name}.bias"] = np.zeros(shape[0])
    for norm in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        found[f"{norm}.LayerNorm.weight"] = np.ones(SIZE)
        found[f"{norm}.LayerNorm.bias"] = np.zeros(SIZE)
    return {name: array.astype("<f4") for name, array in found.items()}


def _write_weights(path: Path, arrays: dict[str, np.ndarray]) -> None:
    head, body = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        places = [len(body), len(body) + array.nbytes]
        head[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": places}
        body += array.tobytes()
    line = json.dumps(head).encode()
    path.write_bytes(len(line).to_bytes(8, "little") + line + body)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model")


def fill(store: Store, first: int = 0, last: int = 24) -> None:
    store.add("huggingface", Batch(papers=tuple(many()[first:last])), NOW)


# -- the encoder ------------------------------------------------------------------------------


def test_gelu_is_x_times_the_share_of_a_normal_distribution_below_x() -> None:
    x = np.linspace(-8, 8, 161, dtype=np.float32)
    exact = [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x.tolist()]
    assert np.abs(gelu(x) - exact).max() < 5e-6


def test_a_text_becomes_a_vector_of_length_1_that_does_not_hang_on_its_neighbours(
    model: Path,
) -> None:
    encoder = Encoder.load(model)
    texts = [*WORLDS.values(), "", "agent " * 500]
    together = encoder.encode(texts[:4])
    assert together.shape == (4, SIZE)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[2], encoder.encode(texts[2:3])[0], atol=1e-6)


def test_an_empty_text_and_a_long_one_are_texts_too(model: Path) -> None:
    found = Encoder.load(model).encode(["", "agent " * 500])
    assert found.shape == (2, SIZE)
    assert np.isfinite(found).all()


def test_texts_of_the_same_words_are_near(model: Path) -> None:
    one, turned, other = Encoder.load(model).encode(
        [WORLDS["video"], " ".join(reversed(WORLDS["video"].split())), WORLDS["law"]]
    )
    assert one @ turned > 0.99 > one @ other


def _spoil(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [
        _spoil("config.json", b"no json"),
        _spoil("config.json", b"[]"),
        _spoil("config.json", b'{"model_type": "bert", "hidden_act": "gelu"}'),
        _spoil("config.json", b'{"model_type": "mpnet", "hidden_act": "gelu"}'),
        _spoil("model.safetensors", b""),
        _spoil("model.safetensors", b"\xff" * 100),
        _spoil("model.safetensors", (2).to_bytes(8, "little") + b"{}"),
        _spoil("tokenizer.json", b"{}"),
        lambda folder: (folder / "model.safetensors").unlink(),
        lambda folder: (folder / "config.json").unlink(),
    ],
)
def test_a_folder_that_is_no_such_model_is_said_in_one_sentence(
    model: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(model)
    with pytest.raises(ConfigError, match=r"set similarity\.model to a folder") as told:
        Encoder.load(model)
    assert "\n" not in str(told.value)


def test_the_configured_folder_comes_before_an_installed_one(tmp_path: Path) -> None:
    assert embedding.model_folder(str(tmp_path)) == tmp_path
    assert embedding.model_folder("~/m") == Path.home() / "m"


# -- the vectors of a store -------------------------------------------------------------------


def test_every_paper_gets_a_vector_and_none_twice(store: Store, model: Path) -> None:
    fill(store)
    assert encoding.embed(store, str(model)) == (24, 0)
    assert encoding.embed(store, str(model)) == (0, 0)
    meaning = encoding.meaning_of(store, str(model))
    assert meaning is not None
    (number,) = store.find(["arxiv:2604.00002"]).values()
    (stored,) = dict(store.texts([number])).values()
    (query,) = meaning.encode([encoding.text_of(stored)])
    assert meaning.vectors.cosines(query, [number])[0] == pytest.approx(1, abs=1e-3)
    assert len(meaning.vectors.cosines(query)) == 24


def test_the_newest_come_first_and_the_rest_next_time(store: Store, model: Path) -> None:
    fill(store)
    assert encoding.embed(store, str(model), most=10) == (10, 14)
    meaning = encoding.meaning_of(store, str(model))
    assert meaning is not None
    assert meaning.vectors.numbers.tolist() == store.numbers()[-10:]
    assert encoding.embed(store, str(model)) == (14, 0)


def test_a_paper_told_anew_is_encoded_anew(store: Store, model: Path) -> None:
    fill(store)
    encoding.embed(store, str(model))
    longer = paper("2604.00003", title="On law", abstract="longer than before " * 20)
    store.add("huggingface", Batch(papers=(longer,)), NOW + timedelta(hours=1))
    assert encoding.embed(store, str(model)) == (1, 0)


def test_what_is_done_is_kept_when_the_user_stops_it(store: Store, model: Path) -> None:
    fill(store, last=40)

    def stop(done: int, total: int) -> None:
        if done >= 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoding.embed(store, str(model), progress=stop)
    assert encoding.embed(store, str(model)) == (8, 0)


def test_vectors_of_another_model_or_a_damaged_file_are_not_there(
    store: Store, model: Path, tmp_path: Path
) -> None:
    fill(store)
    encoding.embed(store, str(model))
    other = write_model(tmp_path / "other")
    with (other / "model.safetensors").open("ab") as file:
        file.write(b"1234")
    assert encoding.meaning_of(store, str(other)) is None
    Path(f"{store.path}.vectors").write_bytes(b"papertrack model\nnothing")
    assert encoding.meaning_of(store, str(model)) is None
    assert encoding.embed(store, str(model)) == (24, 0)


def test_a_reader_is_not_stopped_by_a_model_that_is_gone(store: Store, model: Path) -> None:
    fill(store)
    encoding.embed(store, str(model))
    (model / "config.json").unlink()
    assert encoding.meaning_of(store, str(model)) is None


def test_a_store_in_memory_keeps_none(model: Path) -> None:
    store = Store(MEMORY)
    assert encoding.meaning_of(store, str(model)) is None
    with pytest.raises(UsageError):
        encoding.embed(store, str(model))


def test_who_has_no_vector_is_not_taken_for_one_far_away() -> None:
    kept = Vectors.none(2).with_rows([5, 3], [1, 1], np.eye(2, dtype=np.float32))
    cosines = kept.cosines(np.array([1, 0], np.float32), [3, 4, 5])
    assert cosines.tolist()[0::2] == [0, 1]
    assert math.isnan(cosines[1])
    assert kept.with_rows([], [], np.zeros((0, 2)), gone=[3]).numbers.tolist() == [5]


# -- through the program ----------------------------------------------------------------------


def test_a_fetch_ends_with_a_bounded_number_of_papers_embedded(store: Store, model: Path) -> None:
    fill(store)
    settings = SimilarityConfig(model=str(model), embed_per_fetch=5)
    tracker = Tracker(
        config=lambda: Config(similarity=settings), store=store, clock=lambda: NOW, sources=tuple
    )
    tracker.conclude()
    tracker.conclude()
    meaning = encoding.meaning_of(store, str(model))
    assert meaning is not None
    assert len(meaning.vectors) == 10


def test_embed_says_what_it_did_and_what_it_lacks(tmp_path: Path, model: Path) -> None:
    home = Home(tmp_path)
    place = tmp_path / "papertrack.db"
    store = Store(str(place))
    fill(store)
    store.close()
    db = {"PAPERTRACK_DB": str(place)}
    home.configure(f"similarity: {{model: '{tmp_path / 'nowhere'}'}}\n")
    none = home.run("embed", **db)
    assert none.returncode == 4
    assert "set similarity.model to a folder" in none.stderr
    home.configure(f"similarity: {{model: '{model}'}}\n")
    done = home.run("embed", "--limit", "20", "--json", **db)
    assert json.loads(done.stdout) == {"status": "ok", "embedded": 20, "remaining": 4}
    assert done.stderr == ""
    rest = home.run("-v", "embed", **db)
    assert (rest.stdout, rest.stderr) == ("", "4 papers embedded, 0 remain.\n")
