"""The reading list: marks, tags and notes, undone by the opposite verb, and kept through a join."""

import io
from dataclasses import replace

import pytest
from builders import NOW, paper
from desk import Desk

from papertrack.reports import Batch
from papertrack.store import Store

WILD, WORLD, DANCE = "2604.08626", "2604.14268", "2604.14148"


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch):
    def pipe(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return pipe


def saved(desk: Desk, *more: str) -> list[str]:
    return desk("saved", "-f", "ids", *more).out.split()


def test_what_was_saved_last_comes_first_until_it_is_unsaved(own: Desk) -> None:
    assert own("save", WILD, verbose=True).err == "1 paper saved.\n"
    later = replace(own, now=own.now.replace(hour=21))
    assert later("save", f"https://arxiv.org/abs/{DANCE}v2", WILD, verbose=True).err == (
        "1 paper saved; 1 had been before.\n"
    )
    assert saved(later) == [DANCE, WILD]
    assert saved(later, "--sort", "upvotes") == [WILD, DANCE]
    assert later("unsave", DANCE).code == 0
    assert saved(later) == [WILD]


def test_ids_come_from_a_pipe(own: Desk, piped) -> None:
    piped(own("trending", "-l", "3", "-f", "ids").out)
    assert own("save", "-").code == 0
    assert set(saved(own)) == {WILD, WORLD, DANCE}


def test_what_was_read_is_not_unread(own: Desk) -> None:
    own("save", WILD, DANCE)
    own("read", WILD)
    assert saved(own, "--unread") == [DANCE]
    assert WILD not in own("trending", "--unseen", "-f", "ids").out
    own("unread", WILD)
    assert set(saved(own, "--unread")) == {WILD, DANCE}


def test_a_hidden_paper_is_on_no_list(own: Desk) -> None:
    own("save", WILD)
    own("hide", WILD)
    for view in ("trending", "saved", "search detection"):
        assert WILD not in own(*view.split(), "-f", "ids").out
    assert own("show", WILD, "--json").records["hidden"]
    own("unhide", WILD)
    assert saved(own) == [WILD]


def test_tags_are_words_and_select(own: Desk) -> None:
    own("save", WILD, DANCE)
    assert own("tag", "To  Read", WILD).code == 0
    assert saved(own, "--tag", "to-read") == [WILD]
    assert own("show", WILD, "--json").records["tags"] == ["to-read"]
    own("untag", "to-read", WILD)
    done = own("saved", "--tag", "to-read")
    assert (done.code, done.out) == (0, "")
    assert done.err == "None of the 2 saved papers is what you ask for (tagged to-read).\n"
    assert own("tag", "a,b", WILD).err.startswith("papertrack: 'a,b' is no tag; ")
    refused = own("tag", "--", "-x", WILD)
    assert refused.err.startswith("papertrack: '-x' is no tag; ")
    assert refused.code == 2


def test_a_note_is_said_piped_in_or_written_in_an_editor(own: Desk, piped, monkeypatch) -> None:
    def told() -> str | None:
        return own("show", WILD, "--json").records["note"]

    own("note", WILD, "compare", "table 3")
    assert told() == "compare table 3"
    piped("from a file\n")
    own("note", WILD, "-")
    assert told() == "from a file"
    monkeypatch.setattr("sys.stdin", type("Tty", (io.StringIO,), {"isatty": lambda self: True})())
    assert own("note", WILD, env={"EDITOR": "sed -i s/file/letter/"}).code == 0
    assert told() == "from a letter"
    done = own("note", WILD, env={"EDITOR": "false"})
    assert (done.code, told()) == (2, "from a letter")
    assert own("note", WILD, "again", verbose=True).err == "Noted.\n"
    assert own("note", WILD, "", verbose=True).err == "The note is taken away.\n"
    assert own("note", WILD, "", verbose=True).err == "The note is as it was.\n"
    assert told() is None


def test_nothing_is_saved_yet(own: Desk) -> None:
    assert own("saved", "--json").out == "[]\n"
    assert own("saved").err == "Nothing is saved yet; `papertrack save ID` saves a paper.\n"


def test_the_known_ones_are_done_and_the_others_named(own: Desk) -> None:
    done = own("save", WILD, "2604.99999")
    assert (done.code, saved(own)) == (5, [WILD])
    assert done.err.startswith("papertrack: 2604.99999 is not stored, ")


@pytest.mark.parametrize("command", ["save 1", "tag x 2604.08626", "note 2604.08626 hm"])
def test_a_demo_keeps_nothing_and_says_so(own: Desk, command: str) -> None:
    assert own(*command.split(), demo=True).code == 2


def test_marks_tags_and_notes_outlive_a_join(store: Store) -> None:
    one, two = paper("2604.00001"), replace(paper("2604.00002"), id="doi:10.1234/x", arxiv_id="")
    store.add("import", Batch(papers=(one, two)), NOW)
    store.mark([one.id], "saved", NOW)
    store.mark([two.id], "hidden", NOW)
    store.tag([two.id], "mine")
    store.note(two.id, "good")
    store.join(one.id, two.id)
    (number,) = store.find([one.id]).values()
    state = store.entries([number], NOW)[0].state
    assert (state.saved_at, state.hidden_at, state.tags, state.note) == (
        NOW,
        NOW,
        ("mine",),
        "good",
    )
