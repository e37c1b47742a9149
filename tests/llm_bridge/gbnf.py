"""A small reader of GBNF: which texts a grammar derives, and random ones of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

_LEXEME = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(\[(?:[^\]\\]|\\.)*\])|([a-z][a-z0-9-]*)|([|()*?]))')


@dataclass(frozen=True)
class Any:
    """One character of a class."""

    pattern: re.Pattern[str]
    shown: str


@dataclass(frozen=True)
class Name:
    text: str


@dataclass(frozen=True)
class Repeat:
    body: Node
    most: int


@dataclass(frozen=True)
class Choice:
    sequences: tuple[tuple[Node, ...], ...]


Node: TypeAlias = "str | Any | Name | Repeat | Choice"


class Gbnf:
    """Rules read from GBNF text."""

    def __init__(self, text: str) -> None:
        self.rules: dict[str, Choice] = {}
        for line in text.removesuffix("\n").split("\n"):
            name, body = line.split(" ::= ", 1)
            assert name not in self.rules, f"{name} is defined twice"
            self.rules[name] = _Reader(body).choice()

    def derives(self, text: str) -> bool:
        """Return whether `root` derives the whole text."""
        return len(text) in self.ends(Name("root"), text, 0)

    def ends(self, node: Node, text: str, place: int) -> frozenset[int]:
        """Return where what the node derives from `place` on may end."""
        if isinstance(node, str):
            return frozenset({place + len(node)} if text.startswith(node, place) else ())
        if isinstance(node, Any):
            return frozenset({place + 1} if node.pattern.match(text, place) else ())
        if isinstance(node, Name):
            return self.ends(self.rules[node.text], text, place)
        if isinstance(node, Repeat):
            found, new = {place}, {place}
            for _ in range(node.most):
                new = {end for start in new for end in self.ends(node.body, text, start)} - found
                found |= new
                if not new:
                    break
            return frozenset(found)
        found = set()
        for sequence in node.sequences:
            places = {place}
            for part in sequence:
                places = {end for start in places for end in self.ends(part, text, start)}
            found |= places
        return frozenset(found)

    def sample(self, random: Random, alphabet: str, node: Node = Name("root")) -> str:
        """Return a random text of the node, its open characters from an alphabet."""
        if isinstance(node, str):
            return node
        if isinstance(node, Any):
            return random.choice([char for char in alphabet if node.pattern.match(char)])
        if isinstance(node, Name):
            return self.sample(random, alphabet, self.rules[node.text])
        if isinstance(node, Repeat):
            times = random.randint(0, min(node.most, 4))
            return "".join(self.sample(random, alphabet, node.body) for _ in range(times))
        return "".join(self.sample(random, alphabet, part) for part in random.choice(node.sequences))


class _Reader:
    def __init__(self, text: str) -> None:
        self.lexemes = [match.groups(default="") for match in _LEXEME.finditer(text)]
        assert "".join("".join(lexeme) for lexeme in self.lexemes).replace(" ", "") == text.replace(" ", ""), text
        self.place = 0

    def choice(self) -> Choice:
        sequences: list[tuple[Node, ...]] = []
        sequence: list[Node] = []
        while self.place < len(self.lexemes):
            quoted, chars, name, mark = self.lexemes[self.place]
            self.place += 1
            if mark == ")":
                break
            if mark == "|":
                sequences.append(tuple(sequence))
                sequence = []
            elif mark in ("*", "?") and mark:
                sequence.append(Repeat(sequence.pop(), 1 if mark == "?" else 10_000))
            elif mark == "(":
                sequence.append(self.choice())
            elif quoted:
                sequence.append(json.loads(quoted))
            elif chars:
                sequence.append(Any(re.compile(chars), chars))
            else:
                sequence.append(Name(name))
        return Choice((*sequences, tuple(sequence)))
