"""Decode loop: greedy search and sampling with continuous batching.

One token at a time for all rows of a batch; a row that has ended makes room for the next prompt at once (continuous
batching, Yu et al. 2022, "Orca").
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from jaso_core.errors import WorkError
from jaso_core.generation.generate import Rules, Task
from jaso_core.generation.kv_cache import GrowingCache
from jaso_core.generation.sampling import TokenChoice

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_HEADROOM = 64
"""Columns beyond the longest prompt that the buffers begin with."""


def decode(
    model: PreTrainedModel, layers: int, tasks: Sequence[Task], rules: Rules, *, last_only: bool
) -> Iterator[tuple[Task, list[int]]]:
    """Yield each task with its new ids when it has ended, the stop token included.

    `tasks`: the longest prompts first. `layers`: how many of the model's layers keep keys and values. `last_only`: its
    forward takes `logits_to_keep`.
    """
    size = min(rules.options.batch_size, len(tasks))
    batch = DecodeBatch(model, layers, size, len(tasks[0].prompt), rules.pad, last_only=last_only)
    # Popped from the end, the longest prompts first: later ones fit into the columns that are there.
    waiting = list(reversed(tasks))
    while waiting or batch.rows:
        # A forward pass for one prompt reads all weights, as one for two does: so a few rows are admitted at once.
        if waiting and (not batch.rows or size - len(batch.rows) >= max(1, size // 8)):
            batch.admit([waiting.pop() for _ in range(min(size - len(batch.rows), len(waiting)))], rules)
        yield from batch.step().ended


@dataclass
class _Row:
    """A text being generated. It begins (prompt included) at the column `start`."""

    task: Task
    start: int
    choice: TokenChoice


@dataclass(frozen=True)
class Step:
    """Result of one decoding step.

    It has a new token for each row, and the texts that have ended with all their new ids.
    """

    tokens: list[tuple[Task, int]]
    ended: list[tuple[Task, list[int]]]


class DecodeBatch:
    """Rows that are decoded together, each by its own rules, over one key-value cache.

    All rows write their next token into the same column, `window.end`: they end at the same column and begin at
    different ones, as with padding on the left. Rows in use are kept together at the top.

        column    0 1 2 3 4 5 6
        row 0     . . a b c d x     prompt "abcd", first new token x; start 2
        row 1     . . . . e f y     prompt "ef", admitted in the same step; start 4
    """

    def __init__(
        self, model: PreTrainedModel, layers: int, size: int, longest: int, pad: int, *, last_only: bool
    ) -> None:
        """Create a decode loop of `size` rows at most.

        `longest`: tokens of the longest prompt expected at first; longer ones may follow.
        """
        self.model, self.size, self.device = model, size, model.device
        self.rows: list[_Row] = []
        self._pad = pad
        # The last token alone: logits of whole prompts, 8 of 1,000 tokens by 51,200 ids, are 1.6 GB in float32.
        self._kwargs = {"logits_to_keep": 1} if last_only else {}
        self._logits: torch.Tensor | None = None
        self._choices: dict[int, tuple[Rules, TokenChoice]] = {}
        self._cache = GrowingCache(layers, size, longest + _HEADROOM)
        self._window = self._cache.window
        self._tokens = torch.full((size, self._cache.columns), pad, device=self.device)
        # By row: the column of its prompt's first token, that of its first new token, and how many new ones it may get.
        self._start, self._admitted_at, self._max_new = (
            torch.zeros(size, dtype=torch.long, device=self.device) for _ in range(3)
        )
        self._draws = torch.zeros((size, 0), dtype=torch.float64, device=self.device)

    def admit(self, tasks: Sequence[Task], rules: Rules) -> None:
        """Read the prompts of new texts and add their rows below the others.

        A prompt with several candidates is read once.
        """
        top, window = len(self.rows), self._window
        prompts = {task.index: task.prompt for task in tasks}
        self._make_columns_for(max(map(len, prompts.values())))
        end, bottom = window.end, top + len(tasks)
        first = end - max(map(len, prompts.values()))
        logits = self._read_prompts(list(prompts.values()), top, first)
        # Candidates 0 and 1 of prompt p, candidate 0 of prompt q → sources [0, 0, 1]
        sources = [list(prompts).index(task.index) for task in tasks]
        if len(prompts) < len(tasks):
            rows = [top + source for source in sources]
            self._cache.copy_rows(rows, range(top, bottom))
            self._tokens[top:bottom] = self._tokens[rows]
            logits = logits[sources]
        choice = self._choice(rules)
        self.rows += [_Row(task, end - len(task.prompt), choice) for task in tasks]
        self._start[top:bottom] = self._tensor([row.start for row in self.rows[top:]])
        self._admitted_at[top:bottom] = end
        self._max_new[top:bottom] = self._tensor([task.max_new_tokens for task in tasks])
        if rules.options.do_sample:
            self._draw_numbers(tasks, top)
        self._logits = logits if self._logits is None else torch.cat([self._logits, logits])
        # The forward pass saw the new prompts alone; from here on the window has all rows.
        self._frame()

    def step(self) -> Step:
        """Choose one more token for each row."""
        assert self._logits is not None
        self._make_next_column()
        count, end = len(self.rows), self._window.end
        produced = end - self._admitted_at[:count]
        new, is_stop = self._choose(self._logits, produced)
        self._tokens[:count, end] = new
        tokens = [(row.task, int(token)) for row, token in zip(self.rows, new.tolist(), strict=True)]
        is_over = is_stop | (produced + 1 >= self._max_new[:count])
        # Ended rows leave before the forward pass, which would compute another token for them.
        ended = self._release(is_over.nonzero().flatten().tolist())
        self._logits = self._forward_last() if self.rows else None
        return Step(tokens, ended)

    def drop(self, tasks: Collection[Task]) -> None:
        """Take the rows of cancelled tasks out."""
        rows = [index for index, row in enumerate(self.rows) if row.task in tasks]
        if rows:
            remaining = [index for index in range(len(self.rows)) if index not in rows]
            # The next step chooses from these logits: they move as `_release` moves the rows.
            order = self._order_after(rows)
            assert self._logits is not None
            self._release(rows)
            self._logits = self._logits[order] if remaining else None

    def _choice(self, rules: Rules) -> TokenChoice:
        # By identity, as Rules holds lists. The rules are kept too, so that no other object gets their id.
        if id(rules) not in self._choices:
            self._choices[id(rules)] = (rules, TokenChoice(rules, self.device))
        return self._choices[id(rules)][1]

    def _draw_numbers(self, tasks: Sequence[Task], top: int) -> None:
        """Draw all random numbers of each text at its start, from its own seed.

        So a text does not depend on the other rows.
        """
        width = max(task.max_new_tokens for task in tasks)
        if width > self._draws.shape[1]:
            self._draws = torch.nn.functional.pad(self._draws, (0, width - self._draws.shape[1]))
        for row, task in enumerate(tasks, top):
            # A generator of the CPU: the same seed gives the same numbers where the model is on a GPU.
            stream = torch.Generator().manual_seed(task.seed)
            self._draws[row, : task.max_new_tokens] = torch.rand(
                task.max_new_tokens, generator=stream, dtype=torch.float64
            )

    def _choose(self, logits: torch.Tensor, produced: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return new token ids, shape (rows,), and whether each is a stop token.

        The stop tokens are those of its text. Rows are grouped by their rules.
        """
        groups: dict[int, list[int]] = {}
        for index, row in enumerate(self.rows):
            groups.setdefault(id(row.choice), []).append(index)
        if len(groups) == 1:
            return self._choose_for(self.rows[0].choice, slice(0, len(self.rows)), logits, produced)
        new = torch.empty(len(self.rows), dtype=torch.long, device=self.device)
        is_stop = torch.empty(len(self.rows), dtype=torch.bool, device=self.device)
        for members in groups.values():
            new[members], is_stop[members] = self._choose_for(self.rows[members[0]].choice, members, logits, produced)
        return new, is_stop

    def _choose_for(
        self, choice: TokenChoice, members: slice | list[int], logits: torch.Tensor, produced: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        first, end = self._window.first, self._window.end
        draws = None
        if choice.options.do_sample:
            # A text's n-th token takes its n-th number, at whichever step of the batch that is.
            draws = self._draws[members].gather(1, produced[members][:, None]).squeeze(1)
        new = choice(
            logits[members],
            self._tokens[members, first:end],
            self._start[members] - first,
            produced[members],
            draws,
        )
        return new, torch.isin(new, choice.stops)

    def _order_after(self, ended: list[int]) -> list[int]:
        """Return the order of rows after `ended` are removed.

        Entry i is the row that is then at i: the lowest of the others move into the gaps.

        Rows 0 to 4, ended [1, 3] → [0, 4, 2]: row 4 moves into gap 1, and gap 3 lies beyond the three that remain.
        """
        remaining = sorted(set(range(len(self.rows))) - set(ended))
        gaps = [index for index in ended if index < len(remaining)]
        moving = [index for index in remaining if index >= len(remaining)]
        order = list(range(len(remaining)))
        for gap, index in zip(gaps, moving, strict=True):
            order[gap] = index
        return order

    def _release(self, ended: list[int]) -> list[tuple[Task, list[int]]]:
        """Take rows out and return their texts."""
        if not ended:
            return []
        texts = []
        for index in ended:
            row = self.rows[index]
            begin = row.start + len(row.task.prompt)
            # The newest token is in the column `window.end`, which is not yet part of the window.
            texts.append((row.task, [int(i) for i in self._tokens[index, begin : self._window.end + 1].tolist()]))
        order = self._order_after(ended)
        gaps = [index for index, source in enumerate(order) if index != source]
        moving = [order[index] for index in gaps]
        if gaps:
            self._cache.copy_rows(moving, gaps)
            for state in (self._tokens, self._start, self._admitted_at, self._max_new, self._draws):
                state[gaps] = state[moving]
        self.rows = [self.rows[index] for index in order]
        self._frame()
        return texts

    def _frame(self) -> None:
        """Set the window around the rows: from the first column that one of them uses."""
        self._window.top, self._window.bottom = 0, len(self.rows)
        self._window.first = min((row.start for row in self.rows), default=self._window.end)

    def _make_columns_for(self, prompt: int) -> None:
        """Move the rows to the right to make room for a prompt of that length.

        They move where it would begin before the first column.
        """
        window = self._window
        if not self.rows:
            window.end = prompt
        # Rows in the columns [4, 10), a prompt of 12 tokens → 2 to the right, to [6, 12); the prompt begins at 0.
        by = prompt - window.end
        if by > 0:
            used = slice(window.first, window.end)
            self._widen_to(window.end + by)
            self._cache.shift(-by)
            self._tokens[:, used.start + by : used.stop + by] = self._tokens[:, used].clone()
            self._renumber(by)
        self._widen_to(window.end)

    def _widen_to(self, columns: int) -> None:
        if columns <= self._cache.columns:
            return
        self._cache.widen(max(columns + _HEADROOM, 2 * self._cache.columns))
        more = self._cache.columns - self._tokens.shape[1]
        self._tokens = torch.nn.functional.pad(self._tokens, (0, more), value=self._pad)

    def _make_next_column(self) -> None:
        """Make sure that the KV cache has a next column.

        Move the rows to the left where that frees enough, else widen.
        """
        window = self._window
        if window.end < self._cache.columns:
            return
        # 8 columns: rows in [5, 8) move to [0, 3) and 5 columns are free. Rows in [2, 8) would free only 2: a move
        # copies what is used, so it must free as many columns, or moves would cost more than the tokens.
        by, used = window.first, window.end - window.first
        if by < used:
            self._widen_to(window.end + 1)
            return
        self._cache.shift(by)
        self._tokens[:, :used] = self._tokens[:, by : by + used]
        self._renumber(-by)

    def _renumber(self, by: int) -> None:
        self._start += by
        self._admitted_at += by
        for row in self.rows:
            row.start += by

    def _read_prompts(self, prompts: Sequence[Sequence[int]], top: int, first: int) -> torch.Tensor:
        """Read prompts into the KV cache and return the logits after each.

        Their keys and values are in the cache's rows from `top` on.
        """
        window, end = self._window, self._window.end
        width = end - first
        # "abcd", "ef" → ids [[a, b, c, d], [e, e, e, f]], positions [[0, 1, 2, 3], [-2, -1, 0, 1]], negatives masked.
        # Padding is the first token, since the penalty for repetition reads it too and must see no other token.
        ids = self._tensor([[prompt[0]] * (width - len(prompt)) + list(prompt) for prompt in prompts])
        padding = self._tensor([width - len(prompt) for prompt in prompts])[:, None]
        positions = torch.arange(width, device=self.device) - padding
        self._tokens[top : top + len(prompts), :first] = ids[:, :1]
        self._tokens[top : top + len(prompts), first:end] = ids
        window.top, window.bottom, window.first, window.end = top, top + len(prompts), first, first
        logits = self._forward(ids, positions.clamp(min=0), positions >= 0)
        if bool(logits.isnan().any()):
            raise WorkError("the model gives no number", "it diverged; train again with a lower learning_rate")
        return logits

    def _forward_last(self) -> torch.Tensor:
        """Logits after the token that each row has last got."""
        count, window = len(self.rows), self._window
        ids = self._tokens[:count, window.end : window.end + 1]
        positions = (window.end - self._start[:count])[:, None]
        columns = torch.arange(window.first, window.end + 1, device=self.device)
        return self._forward(ids, positions, columns >= self._start[:count, None])

    def _forward(self, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the logits after the last token of each row, (rows, vocabulary).

        In float32. `ids`, `positions`: (rows, tokens). `mask`: (rows, columns from the window's first on), bool, True
        where a token may be read.
        """
        # Not inference_mode: the weights that FSDP gathers for this have to train afterwards.
        with torch.no_grad():
            logits = self.model(
                input_ids=ids,
                attention_mask=mask.long(),
                position_ids=positions,
                past_key_values=self._cache,
                use_cache=True,
                **self._kwargs,
            ).logits
        self._window.end += ids.shape[1]
        return torch.as_tensor(logits[:, -1].float())

    def _tensor(self, values: Sequence[int] | Sequence[Sequence[int]]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.long, device=self.device)
