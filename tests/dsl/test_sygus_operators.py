"""SMT-LIB's functions: what they give at the edges, their inverses against all arguments, their facts."""

from __future__ import annotations

from itertools import product

import pytest
import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.operator import Facts, Operator
from dsl.sygus import OPERATORS
from dsl.sygus.functions import BY_SYMBOL, resolve, symbol_of
from dsl.types import BOOLEAN, INTEGER, TEXT, Type, Value

BY_NAME = {operator.name: operator for operator in OPERATORS}
WIDER = [
    operator
    for symbol, kind in [("str.++", TEXT), ("+", INTEGER), ("-", INTEGER), ("*", INTEGER), ("div", INTEGER),
                         ("and", BOOLEAN), ("or", BOOLEAN), ("xor", BOOLEAN), ("=>", BOOLEAN), ("=", TEXT),
                         ("<", INTEGER), (">=", INTEGER), ("str.<=", TEXT), ("distinct", INTEGER)]
    if (operator := resolve(symbol, [kind] * 3))
]  # fmt: skip
_quick = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
_texts = st.text(alphabet="abA0-19é²", max_size=4)
VALUES: dict[Type, st.SearchStrategy[Value]] = {
    TEXT: _texts,
    INTEGER: st.one_of(
        st.integers(-2, 4), st.integers(-5, 12), st.sampled_from([48, 97, 0x2FFFF, 0x30000, -(10**30), 10**30])
    ),
    BOOLEAN: st.booleans(),
}

EDGES: list[tuple[str, tuple[Value, ...], Value]] = [
    ("str.++", ("", "b"), "b"),
    ("str.at", ("abc", 2), "c"), ("str.at", ("abc", 3), ""), ("str.at", ("abc", -1), ""), ("str.at", ("", 0), ""),
    ("str.substr", ("abc", 1, 9), "bc"), ("str.substr", ("abc", 3, 1), ""), ("str.substr", ("abc", -1, 2), ""),
    ("str.substr", ("abc", 1, 0), ""), ("str.substr", ("abc", 1, -1), ""), ("str.substr", ("abc", 0, 10**30), "abc"),
    ("str.replace", ("aba", "a", "x"), "xba"), ("str.replace", ("ab", "", "x"), "xab"),
    ("str.replace", ("", "", "x"), "x"), ("str.replace", ("ab", "c", "x"), "ab"), ("str.replace", ("", "a", "x"), ""),
    ("str.replace_all", ("aaa", "aa", "b"), "ba"), ("str.replace_all", ("ab", "", "x"), "ab"),
    ("str.replace_all", ("a" * 1000, "a", "b" * 1000), None),
    ("str.len", ("é²",), 2), ("str.len", ("",), 0),
    ("str.indexof", ("abab", "b", 2), 3), ("str.indexof", ("abab", "b", 4), -1), ("str.indexof", ("ab", "", 2), 2),
    ("str.indexof", ("ab", "", 3), -1), ("str.indexof", ("ab", "a", -1), -1), ("str.indexof", ("ab", "", -1), -1),
    ("str.indexof", ("", "", 0), 0), ("str.indexof", ("ab", "b", 10**30), -1),
    ("str.to_int", ("007",), 7), ("str.to_int", ("",), -1), ("str.to_int", ("-1",), -1), ("str.to_int", ("1a",), -1),
    ("str.to_int", ("²",), -1), ("str.to_int", ("٣",), -1), ("str.to_int", (" 1",), -1), ("str.to_int", ("1_0",), -1),
    ("str.to_int", ("1" * 5000,), None),
    ("str.from_int", (7,), "7"), ("str.from_int", (0,), "0"), ("str.from_int", (-1,), ""),
    ("str.from_int", (10**5000,), None),
    ("str.to_code", ("a",), 97), ("str.to_code", ("",), -1), ("str.to_code", ("ab",), -1),
    ("str.from_code", (97,), "a"), ("str.from_code", (-1,), ""), ("str.from_code", (0x30000,), ""),
    ("str.from_code", (0x2FFFF,), chr(0x2FFFF)),
    ("str.prefixof", ("a", "ab"), True), ("str.prefixof", ("ab", "a"), False), ("str.prefixof", ("", ""), True),
    ("str.suffixof", ("b", "ab"), True), ("str.suffixof", ("ab", "b"), False),
    ("str.contains", ("ab", "b"), True), ("str.contains", ("b", "ab"), False), ("str.contains", ("", ""), True),
    ("str.<", ("", "a"), True), ("str.<", ("b", "ab"), False), ("str.<", ("a", "a"), False),
    ("str.<", ("Z", "a"), True),
    ("str.<=", ("a", "a"), True), ("str.<=", ("B", "a"), True), ("str.<=", ("b", "a"), False),
    ("str.is_digit", ("7",), True), ("str.is_digit", ("77",), False), ("str.is_digit", ("²",), False),
    ("str.is_digit", ("",), False),
    ("+", (2, -3), -1), ("-", (2, 3), -1), ("-/1", (2,), -2), ("*", (-2, 3), -6),
    ("div", (7, 2), 3), ("div", (-7, 2), -4), ("div", (7, -2), -3), ("div", (-7, -2), 4), ("div", (7, 0), None),
    ("mod", (7, 2), 1), ("mod", (-7, 2), 1), ("mod", (7, -2), 1), ("mod", (-7, -2), 1), ("mod", (7, 0), None),
    ("abs", (-3,), 3), ("<", (1, 1), False), ("<=", (1, 1), True), (">", (1, 1), False), (">=", (1, 1), True),
    ("not", (True,), False), ("and", (True, False), False), ("or", (True, False), True), ("xor", (True, True), False),
    ("=>", (False, False), True), ("=>", (True, False), False),
    ("=:String", ("a", "a"), True), ("=:Int", (1, 2), False), ("=:Bool", (False, False), True),
    ("distinct:String", ("a", "a"), False), ("distinct:Int", (1, 2), True), ("distinct:Bool", (True, True), False),
    ("ite:String", (True, "a", None), "a"), ("ite:Int", (False, None, 1), 1), ("ite:Bool", (None, True, True), None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "expected"), EDGES)
def test_edges(name: str, args: tuple[Value, ...], expected: Value) -> None:
    found = BY_NAME[name].apply(*args)
    assert found == expected
    assert type(found) is type(expected)


def test_every_operator_has_an_edge_case_and_says_what_it_does() -> None:
    assert {name for name, _, _ in EDGES} == set(BY_NAME)
    assert len(BY_NAME) == len(OPERATORS)
    assert all(operator.doc.endswith(".") for operator in [*OPERATORS, *WIDER])


@pytest.mark.parametrize("operator", [o for o in OPERATORS if o.witness and not o.joins], ids=str)
@_quick
@given(data=st.data())
def test_witness_yields_just_the_arguments_that_give_the_output(operator: Operator, data: st.DataObject) -> None:
    domains = [data.draw(st.lists(VALUES[kind], min_size=1, max_size=5, unique=True)) for kind in operator.params]
    output = operator.apply(*[data.draw(st.sampled_from(domain)) for domain in domains])
    if output is None:
        return
    assert operator.witness is not None
    found = list(operator.witness(output, domains))
    assert len(set(found)) == len(found), "a tuple is yielded twice"
    assert set(found) == {args for args in product(*domains) if operator.apply(*args) == output}


def test_joining_is_undone_at_every_place() -> None:
    join = BY_NAME["str.++"]
    assert join.witness is not None and join.joins
    assert list(join.witness("abc", [[], []])) == [("a", "bc"), ("ab", "c")]


@pytest.mark.parametrize("operator", [*OPERATORS, *WIDER], ids=str)
@_quick
@given(data=st.data())
def test_abstraction_holds_of_every_value(operator: Operator, data: st.DataObject) -> None:
    args = [data.draw(VALUES[kind]) for kind in operator.params]
    output = operator.apply(*args)
    if output is not None:
        weights = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
        facts = [Facts.of(value, lambda text: sum(weights[ord(c) % len(weights)] for c in text))
                 for value in (output, *args)]  # fmt: skip
        assert all(operator.abstraction(*facts)), (args, output)


SMALL: dict[Type, list[Value]] = {
    TEXT: ["".join(chars) for length in range(5) for chars in product("a1", repeat=length)],
    INTEGER: [*range(-3, 6)],
    BOOLEAN: [False, True],
}


@pytest.mark.parametrize("operator", [*OPERATORS, *WIDER], ids=str)
def test_abstraction_holds_of_all_small_values(operator: Operator) -> None:
    for args in product(*[SMALL[kind] for kind in operator.params]):
        output = operator.apply(*args)
        if output is not None:
            assert all(operator.abstraction(Facts.of(output), *map(Facts.of, args))), (args, output)


@pytest.mark.parametrize("operator", [*OPERATORS, *WIDER], ids=str)
def test_abstraction_says_something_that_z3_can_read(operator: Operator) -> None:
    def facts(kind: Type, name: str) -> Facts:
        texts = Facts(length=z3.Int(name), weight=z3.Int(f"{name}.weight"))
        return texts if kind is TEXT else Facts(value=z3.Int(name))

    args = [facts(kind, f"a{index}") for index, kind in enumerate(operator.params)]
    found = operator.abstraction(facts(operator.returns, "out"), *args)
    assert found and all(isinstance(fact, z3.BoolRef) for fact in found)


@pytest.mark.parametrize("operator", WIDER, ids=str)
@_quick
@given(data=st.data())
def test_functions_of_more_arguments_are_those_of_two_folded(operator: Operator, data: st.DataObject) -> None:
    kind, symbol = operator.params[0], symbol_of(operator)
    two = resolve(symbol, [kind, kind])
    assert two is not None
    a, b, c = (data.draw(st.one_of(VALUES[kind], VALUES[kind].filter(bool))) for _ in range(3))
    f = two.apply
    if symbol == "distinct":
        expected = f(a, b) and f(b, c) and f(a, c)
    elif symbol in ("=", "<", ">=", "str.<="):
        expected = f(a, b) and f(b, c)
    elif symbol == "=>":
        expected = f(a, f(b, c))
    else:
        first = f(a, b)
        expected = None if first is None else f(first, c)
    assert operator.apply(a, b, c) == expected


@pytest.mark.parametrize(
    ("symbol", "kinds"),
    [("str.len", [INTEGER]), ("str.len", []), ("=", [TEXT, INTEGER]), ("=", [TEXT]), ("ite", [BOOLEAN, TEXT, INTEGER]),
     ("mod", [INTEGER] * 3), ("str.substr", [TEXT, INTEGER]), ("nope", [TEXT]), ("-", [TEXT])],
)  # fmt: skip
def test_functions_take_only_their_own_types(symbol: str, kinds: list[Type]) -> None:
    assert resolve(symbol, kinds) is None


def test_names_of_every_version_are_known() -> None:
    assert resolve("int.to.str", [INTEGER]) is BY_NAME["str.from_int"]
    assert resolve("str.to.int", [TEXT]) is BY_NAME["str.to_int"]
    assert resolve("-", [INTEGER]) is BY_NAME["-/1"]
    assert all(resolve(symbol, operators[0].params) is operators[0] for symbol, operators in BY_SYMBOL.items())
