"""TeX made readable: `$x_{i+1}$` is xᵢ₊₁.

Of TeX we read what people write in titles and abstracts. pylatexenc is asked for the names of
symbols only: its reader takes the rest of a line after `%` for a comment and `$5 and $6` for maths.
Ours drops braces, commands and the words that only steer them (a colour, a label, an environment);
every other letter and digit stays.
"""

import re
import unicodedata

_LONGEST = 20_000
_DEEPEST = 40
_THIN = "\0"  # a blank, if it turns out to stand between two words

_MARKUP = re.compile(
    r"https?://[^\s{}\\$]+|\\[A-Za-z]+|\\.|\$\$?|[{}^_~]|(?<!-)-{2,3}(?!-)|``|''", re.DOTALL
)
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_DOLLARS = re.compile(r"\\.|\$\$?|\{", re.DOTALL)
_PARAGRAPH = re.compile(r"\n\s*\n")
_TEXISH = re.compile(r"\\[A-Za-z{|,;%]|[\^{]")
_PRICE = re.compile(r"\d[\d.,]*\s*(?:\\?%|[A-Za-z]*)\s+[A-Za-z]{2,}")
_PHRASE = re.compile(r"\b[A-Za-z]{2,}\s+[A-Za-z]{2,}")
_PROSE = re.compile(r"\b(?:[a-z]{2,},?\s+){3}[a-z]{2,}")
_WORDS_IN_MATHS = re.compile(r"\\(?:text|mbox|hbox|rm|it|math|operatorname|emph)")
_ACCENTED = re.compile(
    r"\s*\{\s*(?:\\([ij])|([A-Za-z]))\s*\}|\s*(?:\\([ij])(?![A-Za-z])|([A-Za-z]))"
)
_ESCAPED_QUOTE = re.compile(r"""\\"(?:[\s.,;:!?)]|$)""")
_OPTIONS = re.compile(r"\*?((?:\s?\[[^\[\]]{0,200}\]){0,2})\s?")
_ATOM = re.compile(r"[\d.]+|[A-Za-z]+|√?\w[\u0300-\u036f\u20d7⁰-₟²³¹ᴬ-ᵿⱼⱽᶜᶠᶻᶿ]*")

_SUPER = dict(zip("0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθϕφχ",
                  "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵠᵡ",
                  strict=True))  # fmt: skip
_SUPER |= dict(zip("*∗'′†‡°⋆∘", "**'′†‡°⋆°", strict=True))  # these stand high by themselves
_SUB = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρϕφχ",
                "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵩᵪ", strict=True))  # fmt: skip
_SMALL = {*_SUPER.values(), *_SUB.values()}

#: Accents on a letter, by the name of their command: in text, and in maths.
_ACCENTS = dict(zip("'`^~\"=.uvHckdbr",
                    "\u0301\u0300\u0302\u0303\u0308\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u0323"
                    "\u0331\u030a", strict=True))  # fmt: skip
_HATS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0305", "vec": "\u20d7", "overrightarrow": "\u20d7",
    "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301",
    "grave": "\u0300", "mathring": "\u030a",
}  # fmt: skip

#: What follows a backslash and is no letter.
_SIGNS = dict.fromkeys(" ,;:>\n\\", " ") | dict.fromkeys("!/-@", "") | {"|": "‖"}
_SIGNS |= {char: char for char in "%&#_{}$"}

#: Commands by what is done with them. All others are symbols, or unknown.
_KINDS = {
    name: kind
    for kind, names in {
        "drop": "rm bf it sl sc tt sf em bfseries itshape scshape ttfamily sffamily rmfamily "
        "upshape mdseries slshape normalfont displaystyle textstyle scriptstyle tiny scriptsize "
        "footnotesize small normalsize large Large LARGE huge Huge boldmath unboldmath limits "
        "nolimits noindent centering protect nonumber xspace maketitle "
        "scriptscriptstyle",
        "fence": "left right middle big bigl bigr bigm Big Bigl Bigr bigg biggl biggr Bigg Biggl "
        "Biggr",
        "blank": "quad qquad enspace enskip thinspace newline linebreak par hfill space smallskip "
        "medskip bigskip nobreakspace and",
        "cal": "mathcal mathscr Cal",
        "bb": "mathbb Bbb mathds mathbbm",
        "frak": "mathfrak frak goth",
        "script": "cal",
        "maths": "mathrm mathbf mathit mathsf mathtt mathnormal boldsymbol bm pmb bold roman "
        "mathbin mathrel mathord mathop mbf smash",
        "text": "text textrm textnormal textup textbf textit textsl textsc textsf texttt textmd "
        "mbox hbox emph underline uline makebox fbox",
        "word": "operatorname DeclareMathOperator",
        "hat": " ".join(_HATS),
        "fraction": "frac dfrac tfrac cfrac nicefrac sfrac",
        "over": "over",
        "root": "sqrt",
        "binomial": "binom dbinom tbinom",
        "modulo": "pmod",
        "not": "not",
        "above": "stackrel overset",
        "below": "underset",
        "super": "textsuperscript sp",
        "sub": "textsubscript sb",
        "cite": "cite citep citet citealp citealt citeauthor citeyear parencite textcite autocite",
        "raw": "url path nolinkurl ref eqref autoref cref",
        "link": "href",
        "note": "footnote thanks",
        "steer": "textcolor color label hspace vspace",
        "begin": "begin",
        "end": "end",
        "verbatim": "verb",
        "unicode": "unicode",
        "between": "norm lVert abs ket bra floor ceil",
    }.items()
    for name in names.split()
}
_STYLES = {"cal": "SCRIPT", "bb": "DOUBLE-STRUCK", "frak": "FRAKTUR"}
_BETWEEN = {"norm": "‖‖", "abs": "||", "ket": "|⟩", "bra": "⟨|", "floor": "⌊⌋", "ceil": "⌈⌉"}
_DISPLAYS = {"equation", "align", "eqnarray", "gather", "multline", "displaymath", "math"}
_FRAMES = {
    "pmatrix": "()", "bmatrix": "[]", "vmatrix": "||", "matrix": "  ", "array": "  ",
    "smallmatrix": "  ", "cases": "{ ", "aligned": "  ", "split": "  ", "itemize": "  ",
    "enumerate": "  ", "description": "  ", "abstract": "  ", "center": "  ", "quote": "  ",
}  # fmt: skip

#: Symbols that pylatexenc has not, or has for another reader; the capitals are everybody's own.
_OURS = {
    "R": "ℝ", "C": "ℂ", "Z": "ℤ", "Q": "ℚ", "N": "ℕ", "F": "𝔽", "RR": "ℝ", "CC": "ℂ", "ZZ": "ℤ",
    "QQ": "ℚ", "NN": "ℕ", "FF": "𝔽", "PP": "ℙ", "reals": "ℝ", "complex": "ℂ", "eps": "ε",
    "prime": "′", "item": " • ", "colon": ":", "checkmark": "✓", "TeX": "TeX", "LaTeX": "LaTeX",
    "lbrack": "[", "rbrack": "]", "lq": "‘", "rq": "’", "slash": "/", "degree": "°",
    "textdegree": "°", "angstrom": "Å", "micron": "μm", "infinity": "∞", "ie": "i.e.", "eg": "e.g.",
    "Bbbk": "𝕜", "varLambda": "Λ", "varTheta": "Θ", "varSigma": "Σ", "Diamond": "◇", "star": "⋆",
    "ne": "≠", "neg": "¬", "bot": "⊥", "Box": "□", "triangle": "△", "Re": "Re", "Im": "Im",
    "textless": "<", "textgreater": ">", "degC": "°C", "circledR": "®", "varnothing": "∅",
    "lor": "∨", "land": "∧", "lnot": "¬", "backslash": "\\", "ast": "*",
}  # fmt: skip
_NAMED = (
    "ker Hom Ext Aut End Gal Spec Tr tr rank sgn polylog poly mod bmod Pr limsup liminf arg dim "
    "deg det gcd inf sup max min lim exp log ln lg sin cos tan cot sec csc sinh cosh tanh arctan"
)
_OURS |= {name: name.replace("bmod", "mod") for name in _NAMED.split()}
_SYMBOLS: dict[str, str] = {}
_LETTERS = {"o", "O", "l", "L", "ss", "ae", "AE", "oe", "OE", "aa", "AA", "i", "j"}
_TIGHT = "∂∇¬√∀∃“‘"  # like letters, these stand close to what follows

_Piece = tuple[str, int]


def readable(text: str) -> str:
    """TeX to Unicode for people, and anything that is not surely TeX as it went in."""
    if len(text) > _LONGEST:
        return text
    try:
        bare = text.replace(_THIN, "")
        return _settle(_Tex(bare).run(0, len(bare)))
    except Exception:  # a reader would rather see TeX than nothing
        return text


class _Tex:
    """One text and how it is read at this place: `pairs` has the partner of each brace."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pairs = _pairs(text)
        self.maths = False
        self.style = ""
        self.depth = 0
        self.quoted = bool(_ESCAPED_QUOTE.search(text))  # \"so\" is no umlaut

    def run(self, pos: int, end: int) -> str:
        """Read on to `end`."""
        out: list[str] = []
        while found := _MARKUP.search(self.text, pos, end):
            before = self.text[pos : found.start()]
            out.append(self.plain(before.rstrip() if self.maths and found[0] in "^_" else before))
            if self.maths and found[0] in (r"\over", r"\choose"):
                rest = _settle(self.run_deeper(found.end(), end))
                return _divided(found[0], _settle("".join(out)), rest)
            piece, pos = self.token(found, end)
            out.append(piece)
        out.append(self.plain(self.text[pos:end]))
        return "".join(out)

    def run_deeper(self, pos: int, end: int) -> str:
        """`run`, unless this is nested deeper than anyone writes."""
        if self.depth >= _DEEPEST:
            return self.text[pos:end]
        self.depth += 1
        try:
            return self.run(pos, end)
        finally:
            self.depth -= 1

    def inside(
        self, pos: int, end: int, *, maths: bool | None = None, style: str | None = None
    ) -> str:
        """Read a group: what is switched in it ends with it."""
        before = self.maths, self.style
        self.maths = self.maths if maths is None else maths
        self.style = self.style if style is None else style
        try:
            return _settle(self.run_deeper(pos, end))
        finally:
            self.maths, self.style = before

    def plain(self, text: str) -> str:
        if self.style:
            return "".join(_styled(char, self.style) for char in text)
        return text

    def token(self, found: re.Match[str], end: int) -> _Piece:
        """Read one piece of markup; the piece, and where it ends."""
        mark = found[0]
        if mark[0] == "\\":
            return self.command(found, end)
        if mark[0] == "$":
            return self.dollars(found, end)
        if mark == "{":
            return self.group(found.start(), end)
        if mark in "^_" and (self.maths or self.text.startswith("{", found.end())):
            got = self.argument(found.end(), end, maths=True)
            return (_script(got[0], mark), got[1]) if got else (mark, found.end())
        if self.maths:
            return " " if mark == "~" else mark, found.end()
        return self.typography(mark, found), found.end()

    def typography(self, mark: str, found: re.Match[str]) -> str:
        """Ties, dashes and quotes: only where they can be nothing else."""
        before, after = self.text[: found.start()][-1:], self.text[found.end() : found.end() + 1]
        if mark == "~":
            tie = before.isalnum() or before in tuple(".,)]}$")
            return " " if tie and after.strip() and not (before + after).isdigit() else mark
        if mark[0] == "-":
            alone = before.isspace() and after.isspace()
            held = bool(before.strip() and (after.strip() or mark == "---"))
            return ("—" if mark == "---" else "–") if alone or held else mark
        if mark == "``":
            return "“" if "''" in self.text[found.end() : found.end() + 500] else mark
        if mark == "''":
            return "”" if "``" in self.text[max(0, found.start() - 500) : found.start()] else mark
        return mark

    def group(self, pos: int, end: int) -> _Piece:
        """Braces: markup in maths and around commands, otherwise perhaps a set; so they stay."""
        close = self.pairs.get(pos, end)
        if close >= end:
            return "{", pos + 1
        inner = self.inside(pos + 1, close)
        if self.maths or self.text[pos + 1 : close].lstrip()[:1] in ("\\", "$"):
            return inner, close + 1
        return f"{{{inner}}}", close + 1

    # maths

    def dollars(self, found: re.Match[str], end: int) -> _Piece:
        """`$...$` if it is maths, else the dollar sign."""
        mark, start = found[0], found.end()
        stop = self.closing(mark, start, end)
        if self.maths or stop < 0:
            return "$", found.start() + 1
        inner, after = self.text[start:stop], self.text[stop + len(mark) : stop + len(mark) + 1]
        if not is_maths(inner, after):
            return "$", found.start() + 1
        apart = " " if mark == "$$" and after.isalnum() else ""
        return self.formula(start, stop) + apart, stop + len(mark)

    def closing(self, mark: str, pos: int, end: int) -> int:
        """Where the maths that began before `pos` ends, not counting what is in braces; or -1."""
        while found := _DOLLARS.search(self.text, pos, end):
            if found[0].startswith(mark):
                return found.start()
            pos = (
                self.pairs.get(found.start(), found.start()) + 1 if found[0] == "{" else found.end()
            )
        return -1

    def formula(self, pos: int, end: int) -> str:
        return self.inside(pos, end, maths=True, style="").strip()

    def argument(self, pos: int, end: int, *, maths: bool | None = None) -> _Piece | None:
        """What a command applies to: a group, a command, one character. None if there is none."""
        while pos < end and self.text[pos].isspace():
            pos += 1
        char = self.text[pos : min(pos + 1, end)]
        if char == "{":
            close = self.pairs.get(pos, end)
            return (self.inside(pos + 1, close, maths=maths), close + 1) if close < end else None
        if char == "\\" and self.depth < _DEEPEST and (found := _MARKUP.match(self.text, pos, end)):
            self.depth += 1
            piece, pos = self.command(found, end)
            self.depth -= 1
            return _settle(piece), pos
        return None if char in ("", "}", "$", "^", "_", "\\") else (self.plain(char), pos + 1)

    def raw(self, pos: int, end: int) -> _Piece | None:
        """What the braces at `pos` hold, unread."""
        close = self.pairs.get(pos, end)
        return (self.text[pos + 1 : close], close + 1) if close < end else None

    # commands

    def command(self, found: re.Match[str], end: int) -> _Piece:
        name, pos = found[0][1:], found.end()
        if not (name.isascii() and name.isalpha()):
            return self.sign(name, pos, end)
        kind = _KINDS.get(name)
        done = self.known(kind, name, pos, end) if kind else None
        if not done and name in _ACCENTS and not self.maths:
            done = self.accent(name, pos, end)
        return done or self.symbol(name, found, end) or self.unknown(name, pos, end)

    def sign(self, name: str, pos: int, end: int) -> _Piece:
        """A backslash and one sign: an accent, a bracket of maths, an escaped sign."""
        if name in "([":
            close = self.text.find("\\)" if name == "(" else "\\]", pos, end)
            if close >= 0 and not self.maths and not _PARAGRAPH.search(self.text, pos, close):
                return self.formula(pos, close), close + 2
        if name == '"' and self.quoted:
            return name, pos
        if name in _ACCENTS and not self.maths:
            if self.text.startswith("{}", pos):
                return name, pos + 2
            if done := self.accent(name, pos, end):
                return done
        if name == "\\" and self.text[pos : pos + 1].isalnum():
            return "\\\\", pos  # \\server, or TeX escaped twice
        return _SIGNS.get(name, f"\\{name}"), pos

    def accent(self, name: str, pos: int, end: int) -> _Piece | None:
        """A letter with its accent, if Unicode knows the two as one."""
        found = _ACCENTED.match(self.text, pos, end)
        if not found:
            return None
        letter = next(filter(None, found.groups()))
        made = unicodedata.normalize("NFC", letter + _ACCENTS[name])
        return (made, found.end()) if len(made) == 1 else None

    def known(self, kind: str, name: str, pos: int, end: int) -> _Piece | None:
        """A command that does something. None if what it needs is not there."""
        match kind:
            case "drop" | "blank" | "script":
                if kind == "script":
                    self.style = _STYLES["cal"] if self.maths or self.depth else ""
                done = " " if kind == "blank" else "", self.skip(pos, end)
            case "fence":
                pos = self.skip(pos, end)
                empty = name in ("left", "right", "middle") and self.text.startswith(".", pos)
                done = "", pos + empty
            case "verbatim":
                close = self.text.find(self.text[pos : pos + 1] or "|", pos + 1, end)
                return (self.text[pos + 1 : close], close + 1) if close > 0 else None
            case "cite" | "raw" | "link" | "steer" | "begin" | "end" | "unicode":
                return self.named(kind, pos, end)
            case "fraction" | "binomial" | "above" | "below":
                return self.two(kind, pos, end)
            case _:
                return self.one(kind, name, pos, end)
        return done

    def skip(self, pos: int, end: int) -> int:
        """Past the blanks after a command."""
        while pos < end and self.text[pos].isspace():
            pos += 1
        return pos

    def one(self, kind: str, name: str, pos: int, end: int) -> _Piece | None:
        """Commands with one argument."""
        options = _OPTIONS.match(self.text, pos, end) if kind in ("word", "root") else None
        before = self.maths, self.style
        self.maths = kind not in ("text", "note")
        self.style = _STYLES.get(kind, "")
        try:
            got = self.argument(options.end() if options else pos, end)
        finally:
            self.maths, self.style = before
        if not got:
            return None
        inner, pos = got
        if kind == "word":
            return self.word(inner, pos, end)
        return self.dressed(kind, name, inner, options[1] if options else ""), pos

    def dressed(self, kind: str, name: str, inner: str, option: str) -> str:
        made = inner
        match kind:
            case "hat":
                made = _hatted(inner, name)
            case "root":
                made = _script(option.strip(" []"), "^") * bool(option) + "√" + _atom(inner)
            case "modulo":
                made = f" (mod {inner})"
            case "not":
                made = unicodedata.normalize("NFC", f"{inner}\u0338")
            case "super" | "sub":
                made = _script(inner, "^" if kind == "super" else "_")
            case "note":
                made = f" ({inner})"
            case "between":
                made = inner.join(_BETWEEN.get(name, "‖‖"))
        return made

    def two(self, kind: str, pos: int, end: int) -> _Piece | None:
        """Commands with two arguments."""
        first = self.argument(pos, end, maths=True)
        second = self.argument(first[1], end, maths=True) if first else None
        if not first or not second:
            return first  # never read a second time: that would double with each level
        upper, lower = first[0], second[0]
        match kind:
            case "above" | "below":
                made = lower + _script(upper, "^" if kind == "above" else "_")
            case "binomial":
                made = _divided(r"\choose", upper, lower)
            case _:
                made = _divided(r"\over", upper, lower)
        return made, second[1]

    def named(self, kind: str, pos: int, end: int) -> _Piece | None:
        """Commands whose argument is a name or an address and not text."""
        options = _OPTIONS.match(self.text, pos, end)
        got = self.raw(options.end() if options else pos, end)
        if not options or not got:
            return None
        inner, pos = got
        made: str | None = re.sub(r"\\([_#%&~])", r"\1", inner)
        match kind:
            case "cite":
                made = ", ".join([inner, *re.findall(r"\[([^\[\]]+)\]", options[1])]).join("[]")
            case "link":
                shown = self.argument(pos, end)
                if shown:
                    made, pos = (
                        made if shown[0] in (inner, made) else f"{shown[0]} ({made})",
                        shown[1],
                    )
            case "steer":
                made, pos = (self.text[pos : pos + 1] == "{" and self.argument(pos, end)) or (
                    "",
                    pos,
                )
            case "begin" | "end":
                return self.frame(kind, inner, pos, end)
            case "unicode":
                code = re.fullmatch(r"[xX]?([0-9a-fA-F]{2,5})", inner)
                made = chr(int(code[1], 16)) if code else None
        return None if made is None else (made, pos)

    def frame(self, kind: str, name: str, pos: int, end: int) -> _Piece | None:
        """An environment: its maths is read as maths, of the others the content is kept."""
        if kind == "begin" and name.rstrip("*") in _DISPLAYS:
            close = self.text.find(f"\\end{{{name}}}", pos, end)
            if close >= 0:
                return f" {self.formula(pos, close)} ", close + len(name) + 6
        sides = _FRAMES.get(name.rstrip("*"))
        return (sides[kind == "end"], pos) if sides else None

    def symbol(self, name: str, found: re.Match[str], end: int) -> _Piece | None:
        """A command that stands for a sign or a word."""
        sign, pos = _symbols().get(name), found.end()
        if not sign or (name in _OURS and name.isupper() and not self.maths):
            return None
        if name == "deg" and not self.maths:
            sign = "°"
        if self.text.startswith("{}", pos):
            return sign, pos + 2
        if self.maths and sign.isascii() and sign.isalpha():
            return self.word(sign, pos, end)
        start = found.start() - 4 * self.text.endswith(r"\not", 0, found.start())
        before = self.text[:start][-1:]
        if self.maths:
            tight = sign.isalpha() or sign in _TIGHT
            eats = self.is_letter(self.skip(pos, end)) if tight else not before.isspace()
        else:
            if sign.isascii() and sign.islower():
                sign = _THIN + sign
            eats = sign in _TIGHT or (name in _LETTERS and (name != "AA" or before.isalpha()))
        return sign, self.skip(pos, end) if eats else pos

    def is_letter(self, pos: int) -> bool:
        """Whether a letter or digit stands here, or a command for one."""
        found = _MARKUP.match(self.text, pos)
        if found and found[0][0] == "\\":
            return _symbols().get(found[0][1:], "a").isalpha()
        return self.text[pos : pos + 1].isalnum()

    def word(self, word: str, pos: int, end: int) -> _Piece:
        """log, max, Hom: a word in maths, with its limits."""
        while (pos := self.skip(pos, end)) < end and self.text[pos] in "^_":
            got = self.argument(pos + 1, end)
            if not got:
                break
            word += _script(got[0], self.text[pos])
            pos = got[1]
        return f"{_THIN}{word}{_THIN}", pos

    def unknown(self, name: str, pos: int, end: int) -> _Piece:
        """A command of the authors' own: what it applies to, or if that is nothing, itself."""
        kept = []
        while (close := self.pairs.get(pos, end)) < end:
            kept.append(self.inside(pos + 1, close))
            pos = close + 1
        return " ".join(filter(None, kept)) or f"\\{name}", pos


def _symbols() -> dict[str, str]:
    """Sign by command."""
    if not _SYMBOLS:
        from pylatexenc.latex2text import get_default_latex_context_db

        specs = get_default_latex_context_db().iter_macro_specs()
        signs = {spec.macroname: spec.simplify_repl for spec in specs}
        plain = {n: s for n, s in signs.items() if isinstance(s, str) and not set(s) & set("%<\n")}
        plain.pop("today", None)
        _SYMBOLS.update(plain | _OURS)
    return _SYMBOLS


def _pairs(text: str) -> dict[int, int]:
    """Where the brace that opens here is closed."""
    opened: list[int] = []
    pairs = {}
    for found in _BRACES.finditer(text):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            pairs[opened.pop()] = found.start()
    return pairs


def is_maths(inner: str, after: str) -> bool:
    """Whether what stands between two dollar signs is maths, not money and not prose."""
    if not inner.strip() or _PRICE.match(inner.lstrip()) or _PARAGRAPH.search(inner):
        return False
    if _TEXISH.search(inner):
        return bool(_WORDS_IN_MATHS.search(inner)) or not _PROSE.search(inner)
    if after.isdigit() or len(inner) > 200 or _PHRASE.search(inner):
        return False
    if inner != inner.strip():
        return _is_spaced_maths(inner, after)
    return len(inner) == 1 or not (inner[-1] in "/:" and after.isalnum())


def _is_spaced_maths(inner: str, after: str) -> bool:
    """`$ n $` and `$ E$` are maths; what lies between `US$ 5, A$ 6` and `$A $B` is not."""
    if inner[0].isspace() and inner[-1].isspace():
        return bool(re.search(r"\w", inner)) and not re.search(r"[a-z]{2,}", inner)
    if inner.strip()[0].isdigit() or (inner[-1].isspace() and after.isalnum()):
        return False
    return bool(re.search(r"[A-Za-z]", inner)) and not re.search(r"[A-Za-z]{2,}", inner)


def _settle(text: str) -> str:
    """Put the blanks of words in maths where there is none."""
    if _THIN not in text:
        return text
    return re.sub(r"(?<=[\w)\]])\0+(?=[\w√|])", " ", text).replace(_THIN, "")


def _script(text: str, mark: str) -> str:
    """The text raised or lowered, or marked as such where Unicode has no form for a character."""
    table = _SUPER if mark == "^" else _SUB
    tight = re.sub(r"\s*([-+=])\s*", r"\1", text.strip())
    if all(char in table for char in tight):
        return "".join(table[char] for char in tight)
    if _clusters(tight) == 1:
        return f"{mark}{tight}{_THIN}"
    return mark + (tight if _is_fenced(tight) else f"({tight})")


def _clusters(text: str) -> int:
    return sum(not unicodedata.combining(char) for char in text)


def _is_fenced(text: str) -> bool:
    """Whether one pair of brackets holds the whole text."""
    return bool(re.fullmatch(r"\([^()]*\)|√\([^()]*\)|\[[^\[\]]*\]", text))


def _atom(text: str) -> str:
    """The text so that a division or a root takes all of it."""
    return text if _ATOM.fullmatch(text) or _is_fenced(text) else f"({text})"


def _divided(by: str, upper: str, lower: str) -> str:
    upper, lower = upper.strip(), lower.strip()
    if by == r"\choose":
        return f"binom({upper}, {lower})"
    if re.search(r"[\s+\-/=<>±]", upper[1:]):
        upper = _atom(upper)
    return f"{_THIN}{upper}/{_atom(lower)}{_THIN}"


def _hatted(text: str, name: str) -> str:
    """A letter with a hat; on more than one letter the hat is written out."""
    mark, first = _HATS[name], text[:1]
    if first and all(char in _SMALL or unicodedata.combining(char) for char in text[1:]):
        over = len(text) - len(text[1:].lstrip("".join(map(chr, range(0x300, 0x370)))))
        return unicodedata.normalize("NFC", text[:over] + mark) + text[over:]
    if name == "overline" and text.isalnum():
        return "".join(char + mark for char in text)
    return f"{name.removeprefix('wide')}({text})" if text else ""


def _styled(char: str, style: str) -> str:
    """The letter in script, double-struck or Fraktur; the oldest of these have other names."""
    if not (char.isascii() and char.isalnum()) or (style == "SCRIPT" and not char.isupper()):
        return char
    kind = "CAPITAL" if char.isupper() else "SMALL"
    old = "BLACK-LETTER" if style == "FRAKTUR" else style
    names = [f"MATHEMATICAL {style} {kind} {char}", f"{old} {kind} {char}"]
    if char.isdigit():
        names = [f"MATHEMATICAL {style} {unicodedata.name(char)}"]
    for name in names:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return char
