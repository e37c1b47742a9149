"""SyGuS-IF read and written: both versions, what is refused and how, and that printed programs are read back."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar, Literals, Numerals, Rule
from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.sygus import OPERATORS, SygusError, SygusTask, read_program, read_sygus
from dsl.types import BOOLEAN, INTEGER, TEXT

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "sygus").glob("*.sl"))
BY_NAME = {operator.name: operator for operator in OPERATORS}

OLD = """
; initials, in the syntax of 2018
(set-logic SLIA)
(synth-fun f ((first String) (last String)) String
    ((Start String (Text))
     (Text String (first last "" " " "a ""quoted"" \\u{41}" (str.++ Text Text) (str.at Text Number)
                   (int.to.str Number) (ite Test Text Text)))
     (Number Int (0 -1 (+ Number Number) (+ Number 1) (- Number Number) (str.to.int Text)
                  (str.indexof Text Text Number)))
     (Test Bool (true false (= Number Number) (= Text Text) (str.prefixof Text Text)))
     (Unused Int ((str.len Text)))))
(declare-var first String)
(constraint (= (f "Ann" "Lee") "AL")) ; the outputs
(constraint (= "BO" (f "Bob" "Olu")))
(check-synth)
"""
NEW = r"""
(set-info :format-version 2.1)
(set-logic PBE_SLIA)
(set-feature :grammars true)
(define-fun twice ((n Int)) Int (+ n n))
(define-fun dash () String "\u{2014}")
(synth-fun |my f| ((|a b| String) (n Int)) String
    ((Start String) (I Int) (B Bool))
    ((Start String (|a b| dash "\u{e9}\u0041\\" "a""b" (str.substr Start I I) (str.++ Start Start Start)
                    (str.replace_all Start " " (str.from_int (+ I 1)))))
     (I Int (n (- 7) 2 (twice I) (- I) (str.len Start) (ite B I 0) (Constant Int)))
     (B Bool ((< I I I) (str.< Start Start) (distinct I (* 2 I)) (Constant Bool)))))
(constraint (= (|my f| "x" (- 3)) "X\u{e9}"))
(constraint (and (= (|my f| "y" 3) "") (= (|my f| "" 0) "z")))
(check-synth)
"""
BARE = "(set-logic {0})(synth-fun f ((x {1})) {2})(declare-var x {1})(constraint (= (f x) (f x)))(check-synth)"
CIRCLE = """
(set-logic LIA)
(synth-fun f ((x Int)) Int ((A Int) (B Int)) ((A Int (B x (- A B))) (B Int (A 1))))
(check-synth)
"""

_quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def test_version_1_0() -> None:
    task = read_sygus(OLD)
    assert task.function.name == "f" and task.function.params == (TEXT, TEXT) and task.function.returns is TEXT
    assert [(p.name, p.type) for p in task.parameters] == [("first", TEXT), ("last", TEXT)]
    assert [(e.inputs, e.output) for e in task.task.examples] == [(("Ann", "Lee"), "AL"), (("Bob", "Olu"), "BO")]
    assert task.constraints == ()
    assert [v.name for v in task.variables] == ["first"]
    constants = [rule.head.value for rule, _ in task.grammar.by_lhs["Text"] if isinstance(rule.head, Constant)]
    assert constants == ["", " ", 'a "quoted" \\u{41}'], "version 1.0 has no escapes"
    assert Rule("Number", Constant(-1, INTEGER)) in task.grammar.rules
    assert "Unused" not in task.grammar.by_lhs
    assert Rule("Test", BY_NAME["=:Int"], ("Number", "Number")) in task.grammar.rules
    assert Rule("Number", BY_NAME["+"], ("Number", "1")) in task.grammar.rules
    assert task.grammar.by_lhs["1"] == ((Rule("1", Constant(1, INTEGER)), 0.0),)


def test_version_2_1() -> None:
    task = read_sygus(NEW)
    assert task.function.name == "my f"
    assert [(e.inputs, e.output) for e in task.task.examples] == [(("x", -3), "Xé"), (("y", 3), ""), (("", 0), "z")]
    constants = [rule.head.value for rule, _ in task.grammar.by_lhs["Start"] if isinstance(rule.head, Constant)]
    assert constants == ["—", "éA\\\\", 'a"b']
    heads = {str(rule.head) for rule, _ in task.grammar.by_lhs["I"]}
    assert heads >= {"x2", "-7", "2", "twice", "-/1", "ite:Int"} and any(
        isinstance(rule.head, Numerals) for rule, _ in task.grammar.by_lhs["I"]
    )
    assert {rule.head for rule, _ in task.grammar.by_lhs["B"]} >= {Constant(True, BOOLEAN), Constant(False, BOOLEAN)}
    assert Rule("B", BY_NAME["distinct:Int"], ("I", "(* 2 I)")) in task.grammar.rules


def test_constraints_that_are_no_pairs_stay_as_terms() -> None:
    task = read_sygus("""
        (set-logic SLIA)
        (synth-fun f ((s String)) Bool)
        (define-fun empty ((s String)) Bool (= s ""))
        (constraint (f "a"))
        (declare-var unused Int)
        (constraint (not (f "b")))
        (constraint (= (f "c") false))
        (declare-var t String)
        (constraint (let ((u (str.++ t t))) (=> (empty t) (f u))))
        (constraint (and (f t) (f "d")))
        (check-synth)""")
    examples = [(example.inputs[0], example.output) for example in task.task.examples]
    assert examples == [("a", True), ("b", False), ("c", False), ("d", True)]
    assert [str(constraint) for constraint in task.constraints] == ["=>(empty(x2), f(str.++(x2, x2)))", "f(x2)"]
    assert [str(call) for call in task.calls()] == ["f(str.++(x2, x2))", "f(x2)"]
    assert evaluate(task.constraints[0].args[0], (0, "")) is True  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("logic", "sort", "returns", "there", "not_there"),
    [
        ("LIA", "Int", "Int", ["+", "ite:Int", "<="], ["str.len", "str.++"]),
        ("SLIA", "String", "String", ["str.++", "str.len", "ite:String", "+", "str.<"], []),
        ("PBE_SLIA", "String", "Int", ["str.len", "str.to_int"], []),
        ("LIA", "Int", "Bool", ["and", "not", "="], ["str.contains"]),
    ],
)  # fmt: skip
def test_without_a_grammar_the_logic_is_the_grammar(
    logic: str, sort: str, returns: str, there: list[str], not_there: list[str]
) -> None:
    task = read_sygus(BARE.format(logic, sort, returns))
    heads = {rule.head.name.split(":")[0] for rule in task.grammar.rules if isinstance(rule.head, Operator)}
    assert {name.split(":")[0] for name in there} <= heads and not set(not_there) & heads
    assert task.grammar.type_of(task.grammar.start) is task.function.returns
    assert Input(0, task.parameters[0].type) in {rule.head for rule in task.grammar.rules}
    if returns == "Int":
        assert task.grammar.derives(Constant(12345, INTEGER))


def test_constants_of_the_constraints_stand_in_the_default_grammar() -> None:
    task = read_sygus(BARE.format("LIA", "Int", "Int").replace("(= (f x) (f x))", "(= (f x) (+ x 42))"))
    assert Constant(42, INTEGER) in {rule.head for rule in task.grammar.rules}
    assert task.grammar.derives(read_program("(* 3 x)", task))
    assert not task.grammar.derives(read_program("(* x x)", task)), "linear arithmetic"


# ---------------------------------------------------------------- programs


def heights(grammar: Grammar) -> dict[str, int]:
    """The height of each symbol's lowest derivation."""
    known: dict[str, int] = {}
    for _ in grammar.by_lhs:
        for rule in grammar.rules:
            if all(part in known for part in rule.rhs):
                known[rule.lhs] = min(known.get(rule.lhs, 99), 1 + max([known[part] for part in rule.rhs], default=0))
    return known


def derivation(grammar: Grammar, draw: random.Random, symbol: str, depth: int, height: dict[str, int]) -> Program:
    rules = [rule for rule, _ in grammar.by_lhs[symbol]]
    lowest = min(max([height[part] for part in rule.rhs], default=0) for rule in rules)
    fitting = [r for r in rules if max([height[p] for p in r.rhs], default=0) <= max(depth, lowest)]
    rule = draw.choice(fitting)
    parts = [derivation(grammar, draw, part, depth - 1, height) for part in rule.rhs]
    if rule.head is None:
        return parts[0]
    if isinstance(rule.head, Operator):
        return Apply(rule.head, tuple(parts))
    if isinstance(rule.head, Literals):
        return Constant("".join(draw.choices('a"\\é\n', k=3)), TEXT)
    return Constant(draw.randrange(-20, 20), INTEGER) if isinstance(rule.head, Numerals) else rule.head


TASKS = [OLD, NEW, CIRCLE, BARE.format("SLIA", "String", "String"), BARE.format("NIA", "Int", "Bool")]


@pytest.mark.parametrize("text", [*TASKS, *[path.read_text(encoding="utf-8") for path in EXAMPLES]])
@_quick
@given(seed=st.integers(0, 2**32))
def test_printed_programs_are_read_back_and_stand_in_the_grammar(text: str, seed: int) -> None:
    task = read_sygus(text)
    program = derivation(task.grammar, random.Random(seed), task.grammar.start, 5, heights(task.grammar))
    assert task.grammar.derives(program)
    printed = task.define(program)
    again = read_program(printed, task)
    if not re.search(r"\(- \d", printed):  # a minus before a number is read as a negative constant if there is one
        assert again == program
    assert task.define(again) == printed
    assert task.grammar.derives(again)


def test_answers_are_written_as_the_file_writes_them() -> None:
    old, new = read_sygus(OLD), read_sygus(NEW)
    program = read_program('(str.++ (str.at first 0) (str.from_int (+ -1 (str.to_int "a ""quoted"" \\u{41}"))))', old)
    assert old.define(program) == (
        "(define-fun f ((first String) (last String)) String "
        '(str.++ (str.at first 0) (int.to.str (+ -1 (str.to.int "a ""quoted"" \\u{41}")))))'
    )
    program = read_program('(str.++ |a b| dash (str.substr "a""b" (- 7) (twice -12)))', new)
    assert new.grammar.derives(program)
    assert new.define(program) == (
        "(define-fun |my f| ((|a b| String) (n Int)) String "
        '(str.++ |a b| dash (str.substr "a""b" (- 7) (twice (- 12)))))'
    )
    assert evaluate(program, ("x", 1)) == "x—"


@pytest.mark.parametrize(
    ("text", "derived"),
    [
        ("first", True), ('(str.++ first (str.++ " " last))', True), ("(str.at first (+ 0 1))", True),
        ('(str.++ first "x")', False), ("(str.at first 1)", False), ("(str.at first (+ 1 0))", False),
        ("(str.substr first 0 1)", False), ("(str.++ first last first last)", True),
        ('(ite (= 0 0 0) first "")', False), ('(str.++ first last "x")', False),
    ],
)  # fmt: skip
def test_what_the_grammar_derives(text: str, derived: bool) -> None:
    task = read_sygus(OLD)
    program = read_program(text, task)
    assert task.grammar.derives(program) == derived
    assert (task.grammar.log_prob(program) > float("-inf")) == derived


def test_chain_rules_may_run_in_circles() -> None:
    task = read_sygus(CIRCLE)
    for text in ("x", "1", "(- x x)", "(- 1 (- x 1))", "(- (- 1 1) x)"):
        assert task.grammar.derives(read_program(text, task)), text
    assert not task.grammar.derives(read_program("(- x 2)", task))
    assert task.grammar.sizes["A"] == float("inf")


def test_a_minus_before_a_number_is_what_the_grammar_has() -> None:
    task = read_sygus(
        "(set-logic LIA)(synth-fun f ((x Int)) Int ((I Int)) ((I Int (x 5 (- 7) (- I) (+ I I)))))(check-synth)"
    )
    for text in ("(- 5)", "(- 7)", "(- (- 7))", "(+ (- x) (- 5))"):
        program = read_program(text, task)
        assert task.grammar.derives(program)
        assert task.notation.term(program) == text
    plain = read_sygus(BARE.format("LIA", "Int", "Int"))
    assert read_program("(- 5)", plain) == read_program("-5", plain) == Constant(-5, INTEGER)
    assert plain.notation.term(Constant(-5, INTEGER)) == "(- 5)"


def test_a_named_constant_is_written_by_its_name_unless_the_grammar_has_it_too() -> None:
    text = "(define-fun c () Int 5)(synth-fun f () Int ((I Int)) ((I Int ({}))))(check-synth)"
    for productions, written in (("c", "c"), ("c 5", "5"), ("5 c", "5")):
        assert read_sygus(text.format(productions)).notation.term(Constant(5, INTEGER)) == written


def test_texts_are_written_so_that_they_are_read_back() -> None:
    task = read_sygus(BARE.format("SLIA", "String", "String"))
    for text in ("\\u{41}", "\\u0041", 'é"\n', "\U0002ffff", "\ud800"):
        assert read_program(task.notation.term(Constant(text, TEXT)), task) == Constant(text, TEXT)
    assert task.notation.term(Constant('\\"é', TEXT)) == '"\\u{5c}""\\u{e9}"'


def test_completions_may_rename_the_parameters() -> None:
    task = read_sygus(OLD)
    same = read_program("(define-fun f ((a String) (b String)) String ; swapped\n  (str.++ b a))", task)
    assert same == read_program("(str.++ last first)", task)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "one program was expected, found 0"),
        ("first last", "line 1, column 7: one program was expected, found 2"),
        ("(str.++ first", "line 1, column 1: this parenthesis is never closed"),
        ("(str.++ first middle)", "line 1, column 15: unknown name middle"),
        ("(concat first last)", "line 1, column 2: unknown function concat"),
        ("(str.len first)", "not of the sort that f returns"),
        ("(str.++ first 1)", r"str.\+\+ takes \(String String\), but is given \(String Int\)"),
        ("(define-fun f ((a String)) String a)", "not the parameters of f"),
        ("(define-fun f a)", "define-fun is written"),
        ("(f first last)", "unknown function f"),
    ],
)  # fmt: skip
def test_what_is_no_program_is_refused(text: str, message: str) -> None:
    with pytest.raises(SygusError, match=message):
        read_program(text, read_sygus(OLD))


# ---------------------------------------------------------------- what is refused

HEAD = "(set-logic SLIA)\n(synth-fun f ((x String)) String"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: the file ends without (check-synth)"),
        ("(check-synth)", "line 1, column 1: there is nothing to find"),
        ("(check-synth", "line 1, column 1: this parenthesis is never closed"),
        ("(set-logic LIA))", "line 1, column 16: this parenthesis closes nothing"),
        ('(set-logic "LIA)', 'line 1, column 12: this " is never closed'),
        ("hello", "line 1, column 1: hello where a command was expected"),
        ("(set-logic BV)", "line 1, column 12: the logic BV is not supported"),
        ("(synth-inv f)", "line 1, column 1: the command synth-inv is not supported"),
        ("(declare-var x Real)", "line 1, column 16: unknown sort Real; use String, Int or Bool"),
        ("(declare-var x (BitVec 8))", "line 1, column 16: unknown sort (BitVec 8)"),
        ("(declare-var str.len Int)", "line 1, column 14: the name str.len is already taken"),
        ("(declare-var x Int)\n (declare-var x Int)", "line 2, column 15: the name x is already taken"),
        ("(declare-var x)", "line 1, column 1: declare-var is written (declare-var name sort)"),
        ("(constraint (= x 1))", "line 1, column 16: unknown name x"),
        ("(constraint 5)", "line 1, column 13: 5 is no statement"),
        ("(constraint ())", "line 1, column 13: a term is missing"),
        ("(constraint (= #x1F 1))", "line 1, column 16: #x1F is no constant of these logics"),
        ("(constraint (= 1.5 1))", "line 1, column 16: 1.5 is no constant of these logics"),
        ("(constraint ((_ f) 1))", "line 1, column 14: (_ f) where the name of a function was expected"),
        ("(constraint (str.in_re \"a\" \"b\"))", "line 1, column 14: unknown function str.in_re"),
        ("(constraint (let (x 1) true))", "line 1, column 19: let binds with (name term)"),
        ("(define-fun f ((x Int)) Bool x)", "line 1, column 30: x is not of the sort Bool"),
        ("(define-fun f ((x Int) (x Int)) Int x)", "line 1, column 24: x is declared twice"),
        (f"{HEAD} (S))", "line 2, column 35: (nonterminal sort (production …)) was expected, not S"),
        (f"{HEAD} ())", "line 2, column 34: the grammar is empty"),
        (f"{HEAD} ((S String ())))", "line 2, column 45: the nonterminal S has no productions"),
        (f"{HEAD} ((S String ((str.++ S S)))))", "line 2, column 34: the grammar is empty: S derives no program"),
        (f"{HEAD} ((S String (y))))", "line 2, column 46: unknown name y"),
        (f"{HEAD} ((S String ((up S)))))", "line 2, column 47: unknown function up"),
        (f"{HEAD} ((S String (x 1))))", "line 2, column 48: 1 is of sort Int, but S of String"),
        (f"{HEAD} ((S String (x (str.at S S)))))", "line 2, column 49: str.at takes (String Int), but is given"),
        (f"{HEAD} ((S Int (1))))", "line 2, column 34: the grammar starts with S, which is not of the sort String"),
        (f"{HEAD} ((S Text (x))))", "line 2, column 38: unknown sort Text"),
        (f"{HEAD} ((S String (x)) (S String (x))))", "line 2, column 50: the nonterminal S is defined twice"),
        (f"{HEAD} ((S String)) ((T String (x))))", "line 2, column 34: the nonterminals declared here are not"),
        (f"{HEAD} ((S String ((let ((y x)) S)))))", "line 2, column 47: let inside a grammar"),
        (f"{HEAD})\n(synth-fun g () Int)", "line 3, column 1: a second synth-fun is not supported"),
        (f"{HEAD})\n(constraint (= (f 1) \"\"))", "line 3, column 17: f takes (String), but is given (Int)"),
        (
            f'{HEAD})\n(constraint (= (f "a") "b"))\n\n(constraint (= (f "c") "d"))\n'
            '  (constraint (= (f "a") "e"))(check-synth)',
            "line 6, column 3: examples 1 and 3 have the same input 'a' but different outputs, 'b' and 'e'",
        ),
        ("(" * 500, "levels of parentheses"),
        (f"(constraint (= {'9' * 5000} 1))", "a number of more than 4000 digits"),
        (
            "(declare-var x Int)(constraint (= 0 "
            + "".join("(let ((x (+ x x))) " for _ in range(60)) + "x" + ")" * 62,
            "this term is too large once every let",
        ),
        (
            "(declare-var x Int)(constraint (= 0 "
            + "".join(f"(let ((x {'(- ' * 60}x{')' * 60})) " for _ in range(80)) + "x" + ")" * 82,
            "this term is too large once every let",
        ),
        (
            "(define-fun f0 ((x Int)) Int (+ x x))"
            + "".join(f"(define-fun f{n + 1} ((x Int)) Int (f{n} (f{n} x)))" for n in range(40)),
            "this term is too large once every let",
        ),
        ("(define-fun |+/3| ((x Int)) Int x)", "line 1, column 13: the name +/3 is already taken"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused_in_a_sentence(text: str, message: str) -> None:
    with pytest.raises(SygusError) as raised:
        read_sygus(text)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


WORDS = [
    "-", "-1", "0", "x", "f", "Start", "Int", "String", "Bool", "ite", "let", "=", "Constant",
    "Variable", "str.++", "str.at", "and", "define-fun", "synth-fun", "constraint", '"\\u{110000}"', '"\U000e0041"',
    "#b1", "99999999999",
]  # fmt: skip


def mutated(text: str, draw: random.Random) -> str:
    """The text with a few tokens dropped, doubled, exchanged or replaced, most of them words between parentheses."""
    parts = re.findall(r'"[^"]*"|[()]|[^\s()"]+|\s+', text)
    words = [index for index, part in enumerate(parts) if part.strip("() \n")]
    for _ in range(draw.randint(1, 4)):
        i, j = (draw.choice(words) if draw.random() < 0.9 else draw.randrange(len(parts)) for _ in range(2))
        match draw.randrange(6):
            case 0:
                parts[i] = ""
            case 1:
                parts[i] += f" {parts[i]}"
            case 2:
                parts[i], parts[j] = parts[j], parts[i]
            case 3:
                parts[i] = draw.choice([*WORDS, parts[j]])
            case 4:
                parts[i] = "".join(parts[min(i, j) : max(i, j)]) if abs(i - j) < 9 else ""
            case _:
                parts[i] = parts[i][: draw.randint(0, len(parts[i]))] + draw.choice('\0"()\\|٣')
    return "".join(parts)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_mutated_files_are_read_or_refused(seed: int) -> None:
    """Twenty files in each of five hundred cases: ten thousand."""
    draw = random.Random(seed)
    texts = [*TASKS, *[path.read_text(encoding="utf-8") for path in EXAMPLES]]
    for _ in range(20):
        text = mutated(draw.choice(texts), draw)
        try:
            task = read_sygus(text)
        except SygusError as error:
            assert re.match(r"line \d+, column \d+: .", str(error)) and "\n" not in str(error)
        else:
            assert isinstance(task, SygusTask)
            program = derivation(task.grammar, draw, task.grammar.start, 3, heights(task.grammar))
            assert task.define(read_program(task.define(program), task)) == task.define(program)


# ---------------------------------------------------------------- published files


@pytest.mark.parametrize(("folder", "count"), [("sygus/PBE_SLIA_Track", 106), ("llm/larger-grammar", 38)])
def test_published_files_are_read(data: Path, folder: str, count: int) -> None:
    files = sorted((data / folder).rglob("*.sl"))
    assert len(files) == count
    refused = {}
    for path in files:
        try:
            task = read_sygus(path.read_text(encoding="utf-8"))
        except SygusError as error:
            refused[path.stem] = str(error)
            continue
        assert bool(task.task.examples) != bool(task.constraints)
        assert task.grammar.start == "Start"
    contradictory = {"univ_5-long-repeat", "univ_6-long-repeat"} if count == 106 else set()
    assert set(refused) == contradictory
    assert all("examples 3 and 10 have the same input" in message for message in refused.values())
