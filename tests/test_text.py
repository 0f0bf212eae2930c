"""Text from strangers: what reaches a screen, a link or a cell, and what of TeX people can read."""

import subprocess
import sys
import unicodedata

import pytest
from hang import no_hang
from hypothesis import given
from hypothesis import strategies as st

from papertrack.text import (
    abstract,
    one_line,
    paragraphs,
    readable,
    repair,
    safe_url,
    spreadsheet,
    title,
)

FFFD = "\ufffd"


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("A\x1b]52;c;ZXZpbA==\x07B", f"A{FFFD}]52;c;ZXZpbA=={FFFD}B"),  # writes the clipboard
        ("\x1b[2J\x1b[1;1HGone", f"{FFFD}[2J{FFFD}[1;1HGone"),
        ("A\x9b2JB", f"A{FFFD}2JB"),  # the same in one C1 byte
        ("del\x7f\x08", f"del{FFFD}{FFFD}"),
        ("nul\0byte", f"nul{FFFD}byte"),
        ("Safe \u202egnp.exe", "Safe gnp.exe"),
        ("\u2067right\u2069 \u200eleft\u200f \u061cmark", "right left mark"),
        ("zero\u200bwidth\u2060join\ufeffbom\u00adhyphen", "zerowidthjoinbomhyphen"),
        ("tag\U000e0041\U000e0042s", "tags"),
        ("vary\ufe0f\U000e0100", "vary"),
        ("fill\u3164er\uffa0\u115f", "filler"),
        ("non\ufdd0char\U0010ffff", "nonchar"),
        ("lone \ud800 surrogate \udfff", f"lone {FFFD} surrogate {FFFD}"),
        ("Good\rEvil", "Good Evil"),
        ("a\r\nb\n\nc\td\x0be\x0cf\x85g\u2028h\u2029i\x1fj", "a b c d e f g h i j"),
        ("  two\u00a0\u3000 blanks  ", "two blanks"),
        ("o" + "\u0300" * 40 + "k", "o" + "\u0300" * 4 + "k"),
        ("o\u0300\u0301\u200d\u0302\u0303\u0304\u0305k", "o\u0300\u0301\u200d\u0302\u0303k"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs its joiner
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("joined\u200d\u200d\u200c\u200dtwice", "joined\u200dtwice"),
        ("&#27;[2J", "&#27;[2J"),  # decoding is for the parser, before this
        ("=1+1", "=1+1"),
    ],
)
def test_one_line_disarms(hostile: str, shown: str) -> None:
    assert one_line(hostile) == shown


@pytest.mark.parametrize(
    "text",
    ["[/INST] Prompts", "[red]x[/red]", "[link=file:///etc/passwd]x[/link]", ":fire: BERT [MASK]",
     "</td></tr></table><h1>", "5% of & # _ ^ ~ {"],
)  # fmt: skip
def test_markup_of_a_face_is_left_to_the_face(text: str) -> None:
    assert one_line(text) == paragraphs(text) == title(text) == text


@pytest.mark.parametrize(
    "blank",
    ["", "   ", "\n\t\r", "\u200b\u202e", "\u200d", " \u200c ", "\u2800", "\u3164", "\U000e0041"],
)
def test_nothing_visible_has_a_name(blank: str) -> None:
    assert one_line(blank) == title(blank) == "(untitled)"
    assert one_line(blank, empty="") == paragraphs(blank) == abstract(blank) == ""


def test_no_invisible_format_character_is_shown() -> None:
    """Format characters that Unicode draws, such as the Arabic number sign, are the exception."""
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    kept = drawn | {0x200C, 0x200D}
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Cf", "Cc", "Cs", "Zl", "Zp"):
            assert (chr(code) in one_line(f"a{chr(code)}b")) == (code in kept), hex(code)


def test_repair_changes_only_what_the_store_cannot_keep() -> None:
    raw = "\x1b[2J \r\n \u202e $x$  \t"
    assert repair(raw) == raw
    assert repair("a\0b\ud800c") == f"ab{FFFD}c"


def test_paragraphs_fold_hard_breaks_and_keep_blank_lines() -> None:
    text = "  First line\nsecond line.\r\n \t\r\n\n  Next\u2028paragraph.\u2029Last\u200b\n\u200b\n"
    assert paragraphs(text) == "First line second line.\n\nNext paragraph.\n\nLast"
    assert paragraphs("A\x1b[2J\n\nB\u202e") == f"A{FFFD}[2J\n\nB"


# --- TeX -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (r"Sorting in $\mathcal{O}(n^2)$ Time", "Sorting in 𝒪(n²) Time"),
        (r"Predicting $x_{i+1}$ from $x_i$", "Predicting xᵢ₊₁ from xᵢ"),
        (r"Widths of KL$_{2,3}$ and $x_{iq}$", "Widths of KL_(2,3) and x_(iq)"),
        (r"SLE$_{8/3}$, $a^{n - 1}$ and $f^{(k)}$", "SLE_(8/3), aⁿ⁻¹ and f⁽ᵏ⁾"),
        (r"The $T_cH$ phase, $L^\infty$-normed", "The T_c H phase, L^∞-normed"),
        (r"On the Poincar\'e and G\"odel groups", "On the Poincaré and Gödel groups"),
        (r"M{\"{o}}bius, L\'{e}vy, Erd\H{o}s, \v{S}koda", "Möbius, Lévy, Erdős, Škoda"),
        (r"J\o rgensen, Gau{\ss}, {\AA}ngstr\"om", "Jørgensen, Gauß, Ångström"),
        (r"Na\"{\i}ve Fa\c{c}ade, \L{}ojasiewicz", "Naïve Façade, Łojasiewicz"),
        (r"An $\alpha$-net of $\epsilon\delta$ proofs", "An α-net of ϵδ proofs"),
        (r"Gains of 20\% \& more, C\# and \$5", "Gains of 20% & more, C# and $5"),
        ("ButterflyViT: 354$\\times$ Compression", "ButterflyViT: 354× Compression"),
        (r"Actions on $\mathbb{R}^d$ and $\mathbb Z_n$", "Actions on ℝᵈ and ℤₙ"),
        (r"Lie algebra $\mathfrak{sl}_2$, {\frak g}", "Lie algebra 𝔰𝔩₂, 𝔤"),
        (r"$\mathscr{B}$ and ${\cal N}=4$ Yang--Mills", "ℬ and 𝒩=4 Yang–Mills"),
        (r"From $\frac{1}{2}$ to $\frac{a+b}{2\pi}$", "From 1/2 to (a+b)/(2π)"),
        (r"$2\frac12$ and ${dx \over dt}$", "2 1/2 and dx/dt"),
        (r"$\sqrt{x}$, $\sqrt{x+1}$, $\sqrt[3]{n}$", "√x, √(x+1), ³√n"),
        (r"$O(n\log n)$ and $\log^2 n$ steps", "O(n log n) and log² n steps"),
        (r"$\lim_{n\to 0} f$ on $a \to b$", "lim_(n→0) f on a → b"),
        (r"$\hat{x}_i$, $\tilde A_n$, $\overline{MS}$", "x̂ᵢ, Ãₙ, M̅S̅"),
        (r"$\widehat{SL}$ for $x \not\in Y$", "hat(SL) for x ∉ Y"),
        (r"$\left\{ x \right.$ and $\left( y \right)$", "{ x and ( y )"),
        (r"\textsc{SimInstruct}: \textbf{A} \emph{tool}", "SimInstruct: A tool"),
        (r"Tracking of {\em every} cell {\it in-situ}", "Tracking of every cell in-situ"),
        (r"\textbf{N}oise \textcolor{red}{A}ware", "Noise Aware"),
        (r"DeepResearch$^{\text{Eco}}$: GUI-C$^2$", "DeepResearchᴱᶜᵒ: GUI-C²"),
        (r"DiM\textsuperscript{3}, AP\textsubscript{50}", "DiM³, AP₅₀"),
        (r"$^{129}$Xe in C$_{60}$ and Li$^+$", "¹²⁹Xe in C₆₀ and Li⁺"),
        (r"$C^*$-algebras at 360$^\circ$ or 2 {\deg}C", "C*-algebras at 360° or 2 °C"),
        ("``Quoted'' --- see Fig.~3 of $X$", "“Quoted” — see Fig. 3 of X"),
        (r"As in \cite[Ch. 6]{knuth}, \url{http://a.b/c_d~e}", "As in [knuth, Ch. 6], http://a.b/c_d~e"),
        (r"\href{https://x.y/a\_b}{Code}\footnote{MIT}", "Code (https://x.y/a_b) (MIT)"),
        (r"\href{https://x.y/a_b}{https://x.y/a_b}", "https://x.y/a_b"),
        ("Let $ E$ be $ n $, and $A $.", "Let E be n, and A."),
        (r"\ours beats \foo{old}{er} \model{}", r"\ours beats old er \model"),
        (r"Genus \( g \geq 2 \) and \[ x = 1 \]", "Genus g ≥ 2 and x = 1"),
        (r"\begin{equation} e^x \end{equation}", "eˣ"),
        (r"$\text{if $x>0$ holds}$ in $V = \{1, 2\}$", "if x>0 holds in V = {1, 2}"),
        (r"$\binom{n}{k}$, $a \pmod{p}$, $\|x\|$", "binom(n, k), a (mod p), ‖x‖"),
        (r"log V(T_{c}) of {\alpha}-decay, a_b", "log V(T_c) of α-decay, a_b"),
        (r"Just Dance with $π$! 😀 $Δ$-Mask", "Just Dance with π! 😀 Δ-Mask"),
        (r"Line one \\ line two\,x \unicode{x212B}", "Line one line two x \u212b"),
    ],
)  # fmt: skip
def test_tex_becomes_readable(raw: str, shown: str) -> None:
    assert title(raw) == shown


@pytest.mark.parametrize(
    "text",
    [
        "From $5 and $6 to $7",
        "Between $5M-$10M, or $5,$6",
        "$HOME and $PATH",
        "US$ 40 billion or A$ 5",
        "US$ 5, A$ 6",
        "$A $B",
        "5% of & # that a \\LostCommand kept",
        "Set {1, 2} and C:\\Users\\me",
        "\\\\server\\share",
        "--flag of $X",
        "The price is $5 a day\n\nand $6 a night",
        "{unbalanced $",
        "http://a.b/~c--d_e and $",
        "\\",
        "\\frac",
        "\\begin",
        "~5 a_b^c ~d%e \\zzz",
        "$$",
        "$ $",
    ],
)
def test_what_is_not_surely_tex_stays(text: str) -> None:
    assert readable(text) == text


def test_escaped_quotes_are_no_umlauts() -> None:
    assert title(r"They say \"open\" and \"free\".") == 'They say "open" and "free".'


def test_sanitising_comes_after_conversion() -> None:
    assert title(r"\unicode{x1b}[2J \unicode{x202e}x") == f"{FFFD}[2J x"
    assert one_line(readable("$\\unicode{xd800}$")) == FFFD


@pytest.mark.parametrize(
    "bomb",
    ["{" * 9_000 + "$", r"\frac{" * 3_000, r"$\frac" * 3_000 + "$", r"\sqrt[" * 3_000, "$" * 9_999,
     r"\(" * 9_000, r"\cite[" * 3_000, "$" + "x^{" * 6_000 + "}" * 1_000 + "$", r"\a b" * 4_000],
)  # fmt: skip
def test_bombs_cost_little_and_raise_nothing(bomb: str) -> None:
    with no_hang():
        assert abstract(bomb)


def test_very_long_text_is_not_converted() -> None:
    text = "$x_1$ " * 4_000
    assert readable(text) == text


def test_without_pylatexenc_the_text_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papertrack.tex._SYMBOLS", {})
    monkeypatch.setitem(sys.modules, "pylatexenc.latex2text", None)
    assert readable(r"$\alpha$ of x_1") == r"$\alpha$ of x_1"


def test_pylatexenc_is_loaded_only_for_commands() -> None:
    code = (
        "import sys; from papertrack.text import *; title('Plain'); title('$5 and $x^2$')\n"
        "assert not {'pylatexenc', 'logging', 'urllib.parse'} & set(sys.modules)\n"
        "title(r'$\\alpha$'); assert 'pylatexenc' in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


# --- links and cells -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "safe"),
    [
        ("https://arxiv.org/abs/2604.07413", "https://arxiv.org/abs/2604.07413"),
        (" HTTP://Example.org:8080/a?b=c#d \n", "http://Example.org:8080/a?b=c#d"),
        ("https://a.b/\x1b]8;;\x07y z", "https://a.b/%1B]8;;%07y%20z"),
        ("https://a.b/\"<>'`é\u202e", "https://a.b/%22%3C%3E%27%60%C3%A9%E2%80%AE"),
        ("https://a.b/%20%C3%A9", "https://a.b/%20%C3%A9"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("ht\ntps://a.b", "https://a.b"),
        ("https://münchen.de/ü", "https://xn--mnchen-3ya.de/%C3%BC"),
        ("https://\u0430rxiv.org/", "https://xn--rxiv-43d.org/"),  # a Cyrillic letter
        ("https://⑴.b/", ""),
        (" JaVa\tScRiPt:alert(1)", ""),
        ("javascript://a.b/%0aalert(1)", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("//a.b/x", ""),
        ("https://", ""),
        ("https:///path", ""),
        ("https://arxiv.org@evil.example/", ""),
        ("https://arxiv.org\\@evil.example/", ""),
        ("https://a\x1b.b/", ""),
        ("https://a.b:80:80/", ""),
        ("arxiv.org", ""),
        ("", ""),
        ("https://a.b/\ud800", "https://a.b/%EF%BF%BD"),
    ],
)  # fmt: skip
def test_links_are_http_and_plain_ascii(link: str, safe: str) -> None:
    assert safe_url(link) == safe


@given(st.text() | st.text().map("https://a.b/".__add__) | st.text().map("http://".__add__))
def test_a_safe_link_is_safe_again(link: str) -> None:
    safe = safe_url(link)
    assert all("!" <= char <= "~" and char not in "\"'<>`\\" for char in safe)
    assert safe_url(safe) == safe


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1-Phenomena", "'-1-Phenomena"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'=1"),
        ("\r\n\u200b=1", "'=1"),
        ("＝1", "'＝1"),
        ("a=b", "a=b"),
        ("  ", ""),
    ],
)
def test_cells_are_not_computed(text: str, cell: str) -> None:
    assert spreadsheet(text) == cell


# --- for any text --------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*"$$$\\{}{}^_~%&# \n", "$$", "--", "``", "''", "\\alpha ", "\\frac", "\\textbf{", "\\'e",
     "\\cal ", "\\left(", "\\right.", "\\over ", "\\begin{cases}", "\\cite{", "\\url{", "\\(",
     "\\)", "\\verb|", "\\hat ", "\\log", "\\not", "\\sqrt[", "]", "x", "N", "5", "é", "\u0301",
     "\u202e", "\x1b", "\0"]
)  # fmt: skip
TEXTS = st.text() | st.lists(PIECES, max_size=40).map("".join)


@given(TEXTS)
def test_any_text_is_safe(text: str) -> None:
    for shown in (title(text), abstract(text), one_line(text), paragraphs(text)):
        shown.encode()
        plain = shown.replace("\n\n", " ")
        assert not {unicodedata.category(char) for char in plain} & {"Cc", "Cs", "Zl", "Zp"}
        assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b") & set(plain)
        assert "  " not in plain


@given(TEXTS)
def test_sanitising_twice_changes_nothing(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert paragraphs(paragraphs(text)) == paragraphs(text)
    assert repair(repair(text)) == repair(text)
    repair(text).encode()


@given(st.text())
def test_text_without_tex_is_not_converted(text: str) -> None:
    bare = text.replace("$", "").replace("\\", "")
    assert readable(bare) == bare


WORDS = st.text("abcxyzABC0123456789", min_size=1, max_size=6)
LINKS = st.sampled_from(
    [" ", "$", "^", "_", "{", "}", "^{", "\\textbf{", "\\frac{", "\\cite{", "\\%", "%", "&",
     "\\'", "~", "\\unknown ", "\\sqrt{", "\\hat{", "\\over ", "\\mathcal{", "}{",
     "\\url{", "$$", "--", "\n\n"]
)  # fmt: skip


@given(st.lists(st.tuples(LINKS, WORDS), max_size=15))
def test_no_letter_and_no_digit_is_lost(parts: list[tuple[str, str]]) -> None:
    shown = unicodedata.normalize("NFKD", readable("".join(link + word for link, word in parts)))
    rest = iter(char for char in shown if char.isalnum())
    wanted = "".join(word for link, word in parts)
    assert all(char in rest for char in wanted), shown
