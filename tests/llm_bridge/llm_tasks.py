"""Small tasks of our own for the tests of the bridge to language models."""

from __future__ import annotations

from dsl.strings.language import string_grammar
from dsl.sygus import read_sygus
from dsl.task import Task
from llm_bridge.syntax import Syntax, text_syntax

NAMES = Task.of([("Ada Byron", "Byron"), ("Noor Maas", "Maas")], ["Jan van Loon", "Eva Moos"], hint="last name")

SLUG = read_sygus("""
(set-logic SLIA)
(synth-fun slug ((title String)) String
  ((Start String) (T String) (N Int) (B Bool))
  ((Start String (T))
   (T String (title "" " " "-" "_" (str.++ T T) (str.replace T T T) (str.at T N) (str.substr T N N) (ite B T T)))
   (N Int (0 1 2 (+ N N) (- N N) (str.len T) (str.indexof T T N)))
   (B Bool ((str.prefixof T T) (str.contains T T)))))
(constraint (= (slug "old oak") "old-oak"))
(constraint (= (slug "a tall elm") "a-tall elm"))
(check-synth)
""")


def names_syntax() -> Syntax:
    return text_syntax(string_grammar(NAMES))


