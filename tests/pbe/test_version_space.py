"""Version spaces against the plain lists of programs that they stand for."""

from __future__ import annotations

import math
from itertools import pairwise

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.grammar import log_sum
from dsl.program import Apply, Constant, Program
from dsl.strings.text import concat, upper
from dsl.types import TEXT
from pbe.version_space import (
    EMPTY,
    Join,
    Leaf,
    Union,
    VersionSpace,
    as_graph,
    best,
    best_by_mass,
    children,
    contains,
    intersect,
)

LEAVES: list[Program] = [Constant(text, TEXT) for text in "abcd"]
LEAVES += [Apply(upper, (LEAVES[0],)), Apply(concat, (LEAVES[0], LEAVES[1]))]  # a leaf may hold any program
MOST = 400
_quick = settings(max_examples=150, deadline=None)
_logs = st.one_of(st.sampled_from((0.0, -1.0, -2.0)), st.floats(-6, 0))


def listed(space: VersionSpace) -> dict[Program, float]:
    """Every program with its log probability; a program listed twice is an error of the test."""
    if isinstance(space, Leaf):
        return {space.program: space.log_best}
    found: dict[Program, float] = {}
    if isinstance(space, Union):
        for option in space.options:
            for program, log_prob in listed(option).items():
                assert program not in found
                found[program] = log_prob + space.log_weight
        return found
    rows: list[tuple[tuple[Program, ...], float]] = [((), space.log_weight)]
    for part in space.parts:
        rows = [((*args, p), total + lp) for args, total in rows for p, lp in listed(part).items()]
    return {Apply(space.operator, args): total for args, total in rows}


@st.composite
def spaces(draw: st.DrawFn, wanted: int = 1) -> tuple[VersionSpace, ...]:
    """Spaces that share their parts with each other, none of them with a program twice, of at most MOST programs."""
    pool: list[tuple[VersionSpace, frozenset[Program]]] = []

    def add(space: VersionSpace) -> None:
        if space.count <= MOST:
            pool.append((space, frozenset(listed(space))))

    for _ in range(draw(st.integers(wanted, 12))):
        kind = draw(st.sampled_from(("leaf", "upper", "concat", "concat", "union", "union", "empty")))
        if kind == "leaf" or not pool:
            add(Leaf.of(draw(st.sampled_from(LEAVES)), draw(_logs)))
        elif kind == "empty":
            add(EMPTY)
        elif kind == "union":
            seen: set[Program] = set()
            options = []
            for space, programs in draw(st.lists(st.sampled_from(pool), max_size=4)):
                if not programs & seen:
                    options.append(space)
                    seen |= programs
            add(Union.of(tuple(options), draw(_logs)))
        else:
            operator = upper if kind == "upper" else concat
            parts = tuple(draw(st.sampled_from(pool))[0] for _ in operator.params)
            add(Join.of(operator, parts, draw(_logs)))
    return tuple(space for space, _ in pool[-wanted:])


def _same(found: dict[Program, float], expected: dict[Program, float]) -> bool:
    return found.keys() == expected.keys() and all(
        math.isclose(found[p], expected[p], rel_tol=1e-9, abs_tol=1e-9) for p in expected
    )


@_quick
@given(spaces())
def test_count_and_mass_are_those_of_the_programs_listed(found: tuple[VersionSpace]) -> None:
    (space,) = found
    programs = listed(space)
    assert space.count == len(programs)
    assert math.isclose(space.log_mass, log_sum(programs.values()), abs_tol=1e-9)


@_quick
@given(spaces())
def test_best_yields_each_program_once_in_falling_probability(found: tuple[VersionSpace]) -> None:
    (space,) = found
    stream = list(best(space))
    assert len({program for _, program in stream}) == len(stream)
    assert _same({program: log_prob for log_prob, program in stream}, listed(space))
    assert all(a >= b - 1e-9 for (a, _), (b, _) in pairwise(stream))
    assert list(best_by_mass(space)) == stream, "no class leaves here: mass is probability"


@_quick
@given(spaces(), st.integers(0, 10))
def test_best_k_is_the_beginning_of_best(found: tuple[VersionSpace], k: int) -> None:
    (space,) = found
    assert list(best(space, k)) == list(best(space))[:k]


@_quick
@given(spaces(2))
def test_contains(found: tuple[VersionSpace, VersionSpace]) -> None:
    space, other = found
    programs = listed(space)
    assert all(contains(space, program) for program in programs)
    assert all(contains(space, program) == (program in programs) for program in listed(other))
    assert not contains(space, Constant("nowhere", TEXT))


@settings(max_examples=300, deadline=None)
@given(spaces(2))
def test_intersect_keeps_what_is_in_both_with_the_weights_of_the_first(
    found: tuple[VersionSpace, VersionSpace],
) -> None:
    first, second = found
    meet, other = intersect(first, second), listed(second)
    expected = {program: log_prob for program, log_prob in listed(first).items() if program in other}
    assert _same(listed(meet), expected)
    assert meet.count == len(expected)
    assert math.isclose(meet.log_mass, log_sum(expected.values()), abs_tol=1e-9)
    assert bool(expected) or meet is EMPTY


@_quick
@given(spaces())
def test_the_graph_is_acyclic_and_carries_counts(found: tuple[VersionSpace]) -> None:
    (space,) = found
    graph = as_graph(space)
    assert nx.is_directed_acyclic_graph(graph)
    assert graph.nodes[id(space)]["count"] == space.count
    assert graph.nodes[id(space)]["log_mass"] == space.log_mass
    assert set(graph.nodes) == nx.descendants(graph, id(space)) | {id(space)}
    reached = {id(space): space}
    stack = [space]
    while stack:
        for child in children(stack.pop()):
            if id(child) not in reached:
                reached[id(child)] = child
                stack.append(child)
    assert set(graph.nodes) == set(reached)
    for key, data in graph.nodes(data=True):
        assert set(data) == {"label", "count", "log_mass"}
        assert set(graph.successors(key)) == {id(child) for child in children(reached[key])}


def test_a_class_leaf_counts_all_and_shows_its_best() -> None:
    many = Leaf(Constant("a", TEXT), log_mass=math.log(0.5), log_best=math.log(0.1), count=7)
    one = Leaf.of(Constant("b", TEXT), math.log(0.3))
    space = Union.of((one, many))
    assert space.count == 8 and math.isclose(math.exp(space.log_mass), 0.8)
    assert [str(program) for _, program in best(space)] == ['"b"', '"a"']
    assert [str(program) for _, program in best_by_mass(space)] == ['"a"', '"b"']
    assert [round(math.exp(x), 6) for x, _ in best_by_mass(space)] == [0.5, 0.3]
    assert contains(space, Constant("a", TEXT))


def test_the_empty_space() -> None:
    assert EMPTY.count == 0 and EMPTY.log_mass == -math.inf
    assert list(best(EMPTY)) == [] and not contains(EMPTY, LEAVES[0])
    assert intersect(EMPTY, Leaf.of(LEAVES[0], 0.0)) is EMPTY
    assert Join.of(concat, (EMPTY, Leaf.of(LEAVES[0], 0.0))).count == 0


def test_a_leaf_met_inside_a_join_has_the_weights_on_its_way() -> None:
    part = Union.of((Leaf.of(LEAVES[0], -1.0), Leaf.of(LEAVES[1], -3.0)), -0.5)
    join = Union.of((Join.of(concat, (part, part), -2.0),), -0.25)
    program = Apply(concat, (LEAVES[0], LEAVES[1]))
    meet = intersect(join, Leaf.of(program, 0.0))
    assert list(best(meet)) == [(-2.25 - 1.5 - 3.5, program)] and meet.log_mass == -7.25


def test_shared_parts_are_counted_but_not_listed() -> None:
    """Two programs doubled sixty times over: 2 ** 60 programs in 60 nodes, listed lazily and without deep recursion."""
    space: VersionSpace = Union.of((Leaf.of(LEAVES[0], math.log(0.7)), Leaf.of(LEAVES[1], math.log(0.3))))
    piece = space
    for _ in range(59):
        space = Join.of(concat, (piece, space))
    assert space.count == 2**60 and abs(space.log_mass) < 1e-9
    assert len(as_graph(space)) == 62
    first = list(best(space, 61))
    assert math.isclose(first[0][0], 60 * math.log(0.7))
    assert all(math.isclose(x, 59 * math.log(0.7) + math.log(0.3)) for x, _ in first[1:])
    assert len({program for _, program in first}) == 61
    assert intersect(space, space).count == 2**60
