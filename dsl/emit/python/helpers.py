"""Helpers that an emitted module may need, as source; each holds nothing but the standard library."""

HELPERS = {
    "_kinds": '''
def _kinds(text: str) -> str:
    """Say what each character is: U capital, l small, o other letter, d digit, s blank, m mark, c point or comma."""

    def kind(char: str) -> str:
        if char.isupper():
            return "U"
        if char.islower():
            return "l"
        if char.isalpha():
            return "o"
        if char.isdecimal():
            return "d"
        if char.isspace():
            return "s"
        if unicodedata.category(char).startswith("M"):
            return "m"
        return "c" if char in ".," else "p"

    return "".join(map(kind, text))
''',
    "_runs": '''
def _runs(pattern: str, text: str) -> list[str]:
    """Return the parts of a text whose characters are of such kinds."""
    return [text[run.start() : run.end()] for run in re.finditer(pattern, _kinds(text))]
''',
    "_without": '''
def _without(pattern: str, text: str) -> str:
    """Return a text without the parts whose characters are of such kinds."""
    kept, last = "", 0
    for run in re.finditer(pattern, _kinds(text)):
        kept += text[last : run.start()]
        last = run.end()
    return kept + text[last:]
''',
    "_shape": '''
def _shape(text: str) -> str:
    """Say which kinds of characters follow each other in a text; W is a capitalized word."""
    return re.sub(r"(.)\\1+", r"\\1", re.sub("Ul+", "W", _kinds(text)))
''',
    "_proper": '''
def _proper(text: str) -> str:
    """Return a text with every run of letters capitalized."""
    done, last = "", 0
    for run in re.finditer("[Ulom]+", _kinds(text)):
        start, end = run.span()
        done += text[last:start] + text[start].upper() + text[start + 1 : end].lower()
        last = end
    return done + text[last:]
''',
}
USES = dict.fromkeys(("_runs", "_without", "_shape", "_proper"), ("_kinds",))
"""The helpers that others call."""
