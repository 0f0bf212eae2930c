"""A model folder as a function from texts to vectors."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from papertrack.embedding import FILES, weights
from papertrack.embedding.bert import Bert, Floats, assembled
from papertrack.errors import ConfigError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

#: Tokens of a text that are read where the model does not say; 256 are about 180 words.
MOST_TOKENS = 256
_READ_OF_WEIGHTS = 65_536


@dataclass(frozen=True)
class Encoder:
    """A model that is ready. Loading it takes a fifth of a second, an abstract a tenth."""

    bert: Bert
    tokenizer: "Tokenizer"
    size: int

    @classmethod
    def load(cls, folder: Path) -> "Encoder":
        """The model of a folder. Raises ConfigError where it cannot be used."""
        config = _config(folder)
        try:
            bert = assembled(
                weights.read(folder / FILES[1]),
                layers=int(config["num_hidden_layers"]),
                heads=int(config["num_attention_heads"]),
                epsilon=float(config["layer_norm_eps"]),
            )
            longest = min(_longest(folder), len(bert.places))
            tokenizer = _tokenizer(folder / FILES[2], longest)
            if tokenizer.get_vocab_size() > len(bert.words):
                raise ValueError("the number of words")
            return cls(bert, tokenizer, bert.words.shape[1])
        except OSError as error:
            raise _unusable(folder, error.strerror or "it cannot be read") from None
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise _unusable(folder, f"it is not as expected at {error}") from None

    def encode(self, texts: Sequence[str]) -> Floats:
        """One vector of length 1 for each text, float32 [texts, size]; nought for an empty one."""
        found = np.zeros((len(texts), self.size), np.float32)
        for place, encoding in enumerate(self.tokenizer.encode_batch(list(texts))):
            if encoding.ids:
                found[place] = self.bert.vector(encoding.ids)
        return found


def fingerprint(folder: Path) -> str:
    """What tells the vectors of this model from those of another; ConfigError where it is none."""
    _config(folder)
    try:
        with (folder / FILES[1]).open("rb") as file:
            head = file.read(_READ_OF_WEIGHTS)
        return f"{zlib.crc32(head):08x}-{(folder / FILES[1]).stat().st_size}"
    except OSError as error:
        raise _unusable(folder, error.strerror or "it cannot be read") from None


def _config(folder: Path) -> Mapping[str, Any]:
    """config.json of a model that this module can run."""
    config = _json(folder / FILES[0])
    kind = (config.get("model_type"), config.get("hidden_act"))
    if kind != ("bert", "gelu") or config.get("position_embedding_type", "absolute") != "absolute":
        raise _unusable(folder, "it is not a BERT with gelu and absolute positions")
    pooling = folder / "1_Pooling" / "config.json"
    if pooling.exists() and not _json(pooling).get("pooling_mode_mean_tokens", True):
        raise _unusable(folder, "it does not take the mean over the tokens")
    return config


def _longest(folder: Path) -> int:
    told = folder / "sentence_bert_config.json"
    return int(_json(told).get("max_seq_length", MOST_TOKENS)) if told.exists() else MOST_TOKENS


def _json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(path.parent, f"{path.name}: {error.strerror}") from None
    except ValueError:
        raise _unusable(path.parent, f"{path.name} is not JSON") from None
    if not isinstance(found, dict):
        raise _unusable(path.parent, f"{path.name} is not an object")
    return found


def _tokenizer(path: Path, longest: int) -> "Tokenizer":
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more precise
        raise ValueError(f"{path.name} ({error})") from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return tokenizer


def _unusable(folder: Path, why: str) -> ConfigError:
    return ConfigError(
        f"The embedding model in {folder} cannot be used: {why}; "
        "set similarity.model to a folder with a sentence-transformers model such as "
        "all-MiniLM-L6-v2, or leave it empty."
    )
