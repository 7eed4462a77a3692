"""Segmentation lattices of all words at once: forward-backward sums and Viterbi.

A node is a position between two symbols; an edge is an occurrence of a piece, from the node before it to the node after
it. The nodes of a word are numbered consecutively, and edges are processed by their distance from the word's start
(forward) or end (backward), so that each step is one numpy call over all words.
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
    """Edges of a lattice: `begin` and `end` nodes, and `piece` numbers.

    Three arrays of one length; there are tens of millions of edges.
    """

    begin: Int32s
    end: Int32s
    piece: Int32s

    def select(self, mask: NDArray[np.bool_] | Ints) -> Edges:
        """Return the edges where `mask` is true, or those at these indices."""
        return Edges(self.begin[mask], self.end[mask], self.piece[mask])

    def renumber(self, new_number: Int32s) -> Edges:
        """Return the edges with new piece numbers, without those whose number is -1."""
        edges = self.select(new_number[self.piece] >= 0)
        return Edges(edges.begin, edges.end, new_number[edges.piece])


class Nodes:
    """The nodes of words of `lengths` symbols: `starts`, `ends`, `word`.

    `starts` and `ends` are by word, `word` by node. `from_start`, `to_end`: symbols between a node and its word's start
    or end.
    """

    def __init__(self, lengths: Ints) -> None:
        self.lengths = lengths
        # lengths [2, 1] → nodes 0 1 2 | 3 4: starts [0, 3], ends [2, 4], word [0, 0, 0, 1, 1], to_end [2, 1, 0, 1, 0].
        self.ends = np.cumsum(lengths + 1) - 1
        self.starts = self.ends - lengths
        self.word = np.repeat(np.arange(len(lengths)), lengths + 1)
        self.from_start = np.arange(len(self.word)) - self.starts[self.word]
        self.to_end = self.ends[self.word] - np.arange(len(self.word))


class Lattice:
    """The edges of words, each of which can be crossed by single symbols.

    Sorted once, for all later segmentations.
    """

    def __init__(self, words: Nodes, forward: Edges, backward: Edges) -> None:
        self.words, self.forward, self.backward = words, forward, backward

    @classmethod
    def of(cls, lengths: Ints, edges: Edges) -> Lattice:
        """Build a lattice from unsorted edges.

        Longer edges come first: of equally good paths the best one has the longer last piece.
        """
        words = Nodes(lengths)
        forward = edges.select(np.lexsort((edges.begin, edges.end, words.from_start[edges.end])))
        backward = edges.select(np.lexsort((edges.end, edges.begin, words.to_end[edges.begin])))
        return cls(words, forward, backward)

    def renumber(self, new_number: Int32s) -> Lattice:
        """Return it with new piece numbers, without the edges whose number is -1."""
        return Lattice(self.words, self.forward.renumber(new_number), self.backward.renumber(new_number))

    def without_whole_words(self) -> Lattice:
        """Return it without the edges that span a whole word of several symbols."""
        lengths = self.words.lengths[self.words.word[self.forward.begin]]
        is_part = (self.forward.end - self.forward.begin < lengths) | (lengths == 1)
        return Lattice(self.words, self.forward.select(is_part), self.backward)

    def select_words(self, keep_mask: NDArray[np.bool_]) -> Lattice:
        """Return the lattice of the words where `keep_mask` is true."""
        node_mask = keep_mask[self.words.word]
        new_node = (np.cumsum(node_mask) - 1).astype(np.int32)
        forward, backward = (
            Edges(new_node[chosen.begin], new_node[chosen.end], chosen.piece)
            for chosen in (edges.select(node_mask[edges.begin]) for edges in (self.forward, self.backward))
        )
        return Lattice(Nodes(self.words.lengths[keep_mask]), forward, backward)

    def expected(self, log_probability: Floats, counts: Ints) -> Floats:
        """Return the expected count of each piece (E-step of expectation-maximisation).

        Words occur `counts` times. `log_probability` [pieces], natural; `counts` [words]; returns [pieces].
        """
        words, forward, backward = self.words, self.forward, self.backward
        # Word "ab", P(a) = 0.5, P(b) = P(ab) = 0.25: the paths a + b and ab have 0.125 and 0.25, so that one occurrence
        # counts 1/3 for a, 1/3 for b and 2/3 for ab.
        weight = log_probability[forward.piece]
        forward_score = np.full(len(words.word), -np.inf)
        forward_score[words.starts] = 0.0
        for level in _levels(forward.end, words.from_start):
            forward_score[level.nodes] = level.log_sum(forward_score[forward.begin[level.edges]] + weight[level.edges])
        backward_score = np.full(len(words.word), -np.inf)
        backward_score[words.ends] = 0.0
        for level in _levels(backward.begin, words.to_end):
            scores = backward_score[backward.end[level.edges]] + log_probability[backward.piece[level.edges]]
            backward_score[level.nodes] = level.log_sum(scores)
        # Posterior of an edge: all paths through it, over all paths of its word.
        word = words.word[forward.end]
        posterior = np.exp(
            forward_score[forward.begin] + weight + backward_score[forward.end] - forward_score[words.ends][word]
        )
        expected: Floats = np.bincount(forward.piece, posterior * counts[word], len(log_probability)).astype(np.float64)
        return expected

    def best(self, log_probability: Floats) -> tuple[Ints, Ints]:
        """Return (word, piece) of each piece in the most likely segmentations (Viterbi).

        The words are mixed.
        """
        words, edges = self.words, self.forward
        weight = log_probability[edges.piece]
        score = np.full(len(words.word), -np.inf)
        score[words.starts] = 0.0
        best_edge = np.zeros(len(words.word), dtype=np.int64)
        for level in _levels(edges.end, words.from_start):
            scores = score[edges.begin[level.edges]] + weight[level.edges]
            score[level.nodes], best_edge[level.nodes] = level.maximum(scores)
        # From the last node of every word back along its best edges; words that reach their start drop out.
        node, word = words.ends.astype(np.int32), np.arange(len(words.ends))
        owners, pieces = [], []
        while len(node):
            edge = best_edge[node]
            owners.append(word)
            pieces.append(edges.piece[edge])
            node = edges.begin[edge]
            is_inside = node != words.starts[word]
            node, word = node[is_inside], word[is_inside]
        return np.concatenate(owners), np.concatenate(pieces)


@dataclass(frozen=True)
class _Level:
    """Edges at one distance: `edges` in the lattice's order, grouped by node.

    `starts` and `sizes` are those of the groups.
    """

    edges: slice
    nodes: Int32s
    starts: Ints
    sizes: Ints

    def log_sum(self, values: Floats) -> Floats:
        """Return log Σ exp of each group."""
        # The greatest value is taken out, so that exp cannot underflow to a sum of 0.
        top = np.maximum.reduceat(values, self.starts)
        sums: Floats = np.log(np.add.reduceat(np.exp(values - np.repeat(top, self.sizes)), self.starts)) + top
        return sums

    def maximum(self, values: Floats) -> tuple[Floats, Ints]:
        """Return each group's greatest value, and the first edge that has it."""
        top = np.maximum.reduceat(values, self.starts)
        hits = np.flatnonzero(values == np.repeat(top, self.sizes))
        return top, hits[np.searchsorted(hits, self.starts)] + self.edges.start


def _levels(nodes: Int32s, distance: Ints) -> Iterator[_Level]:
    """Yield one level for each distance; `nodes` of the edges, by distance and node."""
    # Edges to nodes [1, 1, 4, 2], of which 2 is at the next distance → groups start at [0, 2, 3]; the first level is
    # edges 0 to 2 with starts [0, 2], the second edge 3.
    groups = np.flatnonzero(nodes[1:] != nodes[:-1]) + 1
    starts = np.concatenate([[0], groups])
    sizes = np.diff(np.append(starts, len(nodes)))
    by_group = nodes[starts]
    borders = np.flatnonzero(np.diff(distance[by_group])) + 1
    for first, last in zip([0, *borders.tolist()], [*borders.tolist(), len(starts)], strict=True):
        begin = int(starts[first])
        end = int(starts[last - 1] + sizes[last - 1])
        yield _Level(slice(begin, end), by_group[first:last], starts[first:last] - begin, sizes[first:last])
