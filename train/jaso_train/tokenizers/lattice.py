"""All ways of dividing words into pieces, at once for all words: sums over them, and the best one.

A node is a place between two symbols; an edge is an occurrence of a piece, from the node before it to the node behind
it. The nodes of a word are numbered one after the other, and edges are worked off by their distance from the word's
begin (forward) or end (backward), so that each step is one numpy call over all words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaso_train.tokenizers.pair_counts import Ints

Floats = NDArray[np.float64]
Int32s = NDArray[np.int32]


@dataclass(frozen=True)
class Edges:
    """`begin`, `end`: nodes; `piece`: piece numbers. All three of one length; there are tens of millions of edges."""

    begin: Int32s
    end: Int32s
    piece: Int32s

    def only(self, wanted: NDArray[np.bool_] | Ints) -> Edges:
        """The edges where `wanted` holds, or those at these places."""
        return Edges(self.begin[wanted], self.end[wanted], self.piece[wanted])

    def renamed(self, place: Int32s) -> Edges:
        """With new piece numbers, without the edges whose new number is -1."""
        there = self.only(place[self.piece] >= 0)
        return Edges(there.begin, there.end, place[there.piece])


class Nodes:
    """The nodes of words whose lengths are `lengths` (symbols): `starts` and `ends` by word, `word` by node."""

    def __init__(self, lengths: Ints) -> None:
        self.lengths = lengths
        self.ends = np.cumsum(lengths + 1) - 1
        self.starts = self.ends - lengths
        self.word = np.repeat(np.arange(len(lengths)), lengths + 1)
        self.passed = np.arange(len(self.word)) - self.starts[self.word]
        self.ahead = self.ends[self.word] - np.arange(len(self.word))


class Lattice:
    """The edges of words, each of which can be crossed by single symbols. Put in order once, for all later cuts."""

    def __init__(self, words: Nodes, forward: Edges, backward: Edges) -> None:
        self.words, self.forward, self.backward = words, forward, backward

    @classmethod
    def of(cls, lengths: Ints, edges: Edges) -> Lattice:
        """Sorts the edges, longer ones first: of equally good ways the best one has the longer last piece."""
        words = Nodes(lengths)
        forward = edges.only(np.lexsort((edges.begin, edges.end, words.passed[edges.end])))
        backward = edges.only(np.lexsort((edges.end, edges.begin, words.ahead[edges.begin])))
        return cls(words, forward, backward)

    def renamed(self, place: Int32s) -> Lattice:
        """With new piece numbers, without the edges whose new number is -1."""
        return Lattice(self.words, self.forward.renamed(place), self.backward.renamed(place))

    def without_whole_words(self) -> Lattice:
        """Without the edges that are a word of several symbols by themselves."""
        lengths = self.words.lengths[self.words.word[self.forward.begin]]
        part = (self.forward.end - self.forward.begin < lengths) | (lengths == 1)
        return Lattice(self.words, self.forward.only(part), self.backward)

    def only_words(self, kept: NDArray[np.bool_]) -> Lattice:
        """Some of the words."""
        stays = kept[self.words.word]
        node = (np.cumsum(stays) - 1).astype(np.int32)
        forward, backward = (
            Edges(node[some.begin], node[some.end], some.piece)
            for some in (edges.only(stays[edges.begin]) for edges in (self.forward, self.backward))
        )
        return Lattice(Nodes(self.words.lengths[kept]), forward, backward)

    def expected(self, log_probability: Floats, counts: Ints) -> Floats:
        """How often each piece is expected in words that occur `counts` times: the E-step."""
        words, forward, backward = self.words, self.forward, self.backward
        weight = log_probability[forward.piece]
        before = np.full(len(words.word), -np.inf)
        before[words.starts] = 0.0
        for step in _steps(forward.end, words.passed):
            before[step.nodes] = step.log_sum(before[forward.begin[step.edges]] + weight[step.edges])
        behind = np.full(len(words.word), -np.inf)
        behind[words.ends] = 0.0
        for step in _steps(backward.begin, words.ahead):
            way = behind[backward.end[step.edges]] + log_probability[backward.piece[step.edges]]
            behind[step.nodes] = step.log_sum(way)
        word = words.word[forward.end]
        share = np.exp(before[forward.begin] + weight + behind[forward.end] - before[words.ends][word])
        expected: Floats = np.bincount(forward.piece, share * counts[word], len(log_probability)).astype(np.float64)
        return expected

    def best(self, log_probability: Floats) -> tuple[Ints, Ints]:
        """(word, piece) of each piece in the most likely divisions, words mixed: Viterbi's algorithm."""
        words, edges = self.words, self.forward
        weight = log_probability[edges.piece]
        score = np.full(len(words.word), -np.inf)
        score[words.starts] = 0.0
        through = np.zeros(len(words.word), dtype=np.int64)
        for step in _steps(edges.end, words.passed):
            ways = score[edges.begin[step.edges]] + weight[step.edges]
            score[step.nodes], through[step.nodes] = step.maximum(ways)
        node, word = words.ends.astype(np.int32), np.arange(len(words.ends))
        of, pieces = [], []
        while len(node):
            edge = through[node]
            of.append(word)
            pieces.append(edges.piece[edge])
            node = edges.begin[edge]
            going = node != words.starts[word]
            node, word = node[going], word[going]
        return np.concatenate(of), np.concatenate(pieces)


@dataclass(frozen=True)
class _Step:
    """Edges that are worked off together: `edges` in the lattice's order, grouped by node; `starts` of the groups."""

    edges: slice
    nodes: Int32s
    starts: Ints
    sizes: Ints

    def log_sum(self, values: Floats) -> Floats:
        """log Σ exp of each group."""
        top = np.maximum.reduceat(values, self.starts)
        sums: Floats = np.log(np.add.reduceat(np.exp(values - np.repeat(top, self.sizes)), self.starts)) + top
        return sums

    def maximum(self, values: Floats) -> tuple[Floats, Ints]:
        """Each group's greatest value, and the first edge that has it."""
        top = np.maximum.reduceat(values, self.starts)
        hits = np.flatnonzero(values == np.repeat(top, self.sizes))
        return top, hits[np.searchsorted(hits, self.starts)] + self.edges.start


def _steps(nodes: Int32s, distance: Ints) -> Iterator[_Step]:
    """One step a distance; `nodes` of the edges, sorted by distance and node."""
    groups = np.flatnonzero(nodes[1:] != nodes[:-1]) + 1
    starts = np.concatenate([[0], groups])
    sizes = np.diff(np.append(starts, len(nodes)))
    by_group = nodes[starts]
    borders = np.flatnonzero(np.diff(distance[by_group])) + 1
    for first, last in zip([0, *borders.tolist()], [*borders.tolist(), len(starts)], strict=True):
        begin = int(starts[first])
        end = int(starts[last - 1] + sizes[last - 1])
        yield _Step(slice(begin, end), by_group[first:last], starts[first:last] - begin, sizes[first:last])
