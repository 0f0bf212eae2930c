"""The one sanitiser of remote text.

Anyone can post a preprint, so titles, abstracts, names and error bodies are written by strangers.
The store keeps what came (`repair`); each face shows `title`, `abstract`, `one_line` or
`paragraphs`. These convert first and sanitise after, since a conversion can make an ESC. Markup of
a face (Rich, HTML) is for that face to escape and passes here as it is.

What is dropped follows Unicode's Default_Ignorable_Code_Point and UTS 39; cells the OWASP page on
CSV injection; links VS Code and the OSC 8 note.
"""

import re

# Patterns are plain text, which `re` makes ready where one is first needed: ASCII needs none.

# --- one line, paragraphs ------------------------------------------------------------------------

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
)
_DROP = f"[{_INVISIBLE}]+"
_CONTROL = r"[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
_JOINERS = "([\u200c\u200d])[\u200c\u200d]+"
_MARKS = "[^\0-\u02ff]{5,}"
_MOST_MARKS = 4
_EDGES = " \u2800\u200c\u200d"  # joiners show nothing on their own; the braille blank is a blank
_SURROGATE = "[\ud800-\udfff]"


def repair(text: str) -> str:
    """Text that the store can keep: no lone surrogates, no NUL, otherwise as it came."""
    if text.isascii():
        return text.replace("\0", "")
    return re.sub(_SURROGATE, "\ufffd", text).replace("\0", "")


def one_line(text: str, empty: str = "(untitled)") -> str:
    """Text for one row: it cannot move the cursor, forge a row or turn the reading direction."""
    if text.isascii() and text.isprintable():
        return (" ".join(text.split()) if "  " in text else text.strip()) or empty
    clean = re.sub(_DROP, "", re.sub(_SURROGATE, "\ufffd", text))
    clean = re.sub(_MARKS, _fewer_marks, re.sub(_JOINERS, r"\1", clean))
    clean = " ".join(re.sub(_CONTROL, "\ufffd", clean).split())
    return clean.strip(_EDGES) or empty


def paragraphs(text: str) -> str:
    """The same for several paragraphs: a blank line parts them, other line breaks are blanks."""
    if text.isascii() and text.isprintable():
        return one_line(text, "")
    if not text.isascii():
        text = re.sub(_DROP, "", text).replace("\u2029", "\n\n")
    lines = text.splitlines()
    parts = re.split(r"\n{2,}", "\n".join(line.strip() for line in lines))
    return "\n\n".join(filter(None, (one_line(part, "") for part in parts)))


def readable(text: str) -> str:
    """TeX to Unicode for people: `$x_{i+1}$` is xᵢ₊₁. The reader is loaded where there is TeX."""
    if "$" not in text and "\\" not in text:
        return text
    from papertrack.tex import readable as without_tex

    return without_tex(text)


def title(text: str) -> str:
    """A title for people."""
    return one_line(readable(text))


def abstract(text: str) -> str:
    """An abstract for people."""
    return paragraphs(readable(text))


def _fewer_marks(run: re.Match[str]) -> str:
    """At most four combining marks on a letter: more of them write over the lines around."""
    import unicodedata  # its table is a megabyte, and few lists need it

    kept, marks = [], 0
    for char in run[0]:
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
        elif char not in "\u200c\u200d":
            marks = 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


# --- links and cells -----------------------------------------------------------------------------

_LINK = re.compile(
    r"(?P<scheme>https?)://(?P<host>[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(?P<port>:\d{1,5})?"
    r"(?P<rest>[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_EDGE_OF_LINK = "".join(map(chr, [*range(0x21), *range(0x7F, 0xA1)]))


def safe_url(url: str) -> str:
    """The link in printable ASCII if it is http or https without a user name, else nothing.

    A user name is refused, because `https://arxiv.org@evil.example` reads like arXiv.
    """
    bare = re.sub(r"[\t\r\n]", "", repair(url).strip(_EDGE_OF_LINK))
    found = _LINK.fullmatch(bare)
    if not found:
        return ""
    host = _ascii_host(found["host"])
    link = f"{found['scheme'].lower()}://{host}{found['port'] or ''}{found['rest'] or ''}"
    return re.sub(r"""[^!-~]|["'<>`{}|\\^]""", _percent, link) if host else ""


def _ascii_host(host: str) -> str:
    """The host as name servers know it, in which a Cyrillic arxiv.org looks like what it is."""
    if host.isascii():
        return host
    try:
        plain = host.encode("idna").decode()
    except UnicodeError:
        return ""
    return plain if re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?", plain, re.ASCII) else ""


def _percent(char: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in char[0].encode())


#: How a formula begins; the wide signs are for Japanese Excel.
_FORMULA = tuple("=+-@＝＋－＠")


def spreadsheet(text: str) -> str:
    """One cell that Excel and its kin will not compute."""
    return inert_cell(one_line(text, ""))


def inert_cell(line: str) -> str:
    """The same of a line that was made by `one_line` already."""
    return f"'{line}" if line.startswith(_FORMULA) else line
