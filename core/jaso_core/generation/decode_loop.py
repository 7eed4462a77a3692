"""Greedy search and sampling, one token at a time for all rows of a batch; a row that has ended makes room for the next
prompt at once (continuous batching, Yu et al. 2022, "Orca")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """Yields each task with its new ids when it has ended, the stop token included. The longest prompts come first.

    `layers`: how many of the model's layers keep keys and values. `last_only`: its forward takes `logits_to_keep`.
    """
    size = min(rules.options.batch_size, len(tasks))
    batch = _Batch(model, layers, rules, size, len(tasks[0].prompt), last_only=last_only)
    waiting = list(reversed(tasks))
    while waiting or batch.rows:
        # A forward pass for one prompt reads all weights, as one for two does: so a few seats at once.
        if waiting and (not batch.rows or size - len(batch.rows) >= max(1, size // 8)):
            batch.seat([waiting.pop() for _ in range(min(size - len(batch.rows), len(waiting)))])
        yield from batch.step()


@dataclass
class _Row:
    """A text in the making. It begins (prompt included) at the column `start`."""

    task: Task
    start: int


class _Batch:
    """Rows in the making. All write their next token into the same column, `window.end`, so that they end at the same
    column and begin at different ones, as with padding on the left. Rows are kept together at the top."""

    def __init__(
        self, model: PreTrainedModel, layers: int, rules: Rules, size: int, longest: int, *, last_only: bool
    ) -> None:
        self.model, self.rules, self.device = model, rules, model.device
        self.kept = {"logits_to_keep": 1} if last_only else {}
        self.rows: list[_Row] = []
        self.logits: torch.Tensor | None = None
        self.choice = TokenChoice(rules, self.device)
        self.cache = GrowingCache(layers, size, longest + _HEADROOM)
        self.window = self.cache.window
        self.tokens = torch.full((size, self.cache.columns), rules.pad, device=self.device)
        self.start, self.born, self.room = (torch.zeros(size, dtype=torch.long, device=self.device) for _ in range(3))
        self.draws = torch.zeros(
            (size, rules.options.max_new_tokens if rules.options.do_sample else 0),
            dtype=torch.float64,
            device=self.device,
        )

    def seat(self, tasks: Sequence[Task]) -> None:
        """Reads the prompts of new texts, of candidates for one prompt once, and adds their rows below the others.

        No prompt may be longer than the longest row; they come in the order of their lengths.
        """
        top, window = len(self.rows), self.window
        if not top:
            window.end = len(tasks[0].prompt)
        end, bottom = window.end, top + len(tasks)
        prompts = {task.index: task.prompt for task in tasks}
        first = end - max(map(len, prompts.values()))
        logits = self._read(list(prompts.values()), top, first)
        sources = [list(prompts).index(task.index) for task in tasks]
        if len(prompts) < len(tasks):
            rows = [top + i for i in sources]
            self.cache.copy_rows(rows, range(top, bottom))
            self.tokens[top:bottom] = self.tokens[rows]
            logits = logits[sources]
        self.rows += [_Row(task, end - len(task.prompt)) for task in tasks]
        self.start[top:bottom] = self._tensor([row.start for row in self.rows[top:]])
        self.born[top:bottom] = end
        self.room[top:bottom] = self._tensor([task.room for task in tasks])
        if self.rules.options.do_sample:
            for row, task in enumerate(tasks, top):
                stream = torch.Generator().manual_seed(task.seed)
                self.draws[row, : task.room] = torch.rand(task.room, generator=stream, dtype=torch.float64)
        self.logits = logits if self.logits is None else torch.cat([self.logits, logits])
        self._frame()

    def step(self) -> list[tuple[Task, list[int]]]:
        """One more token for each row; returns the texts that have ended."""
        assert self.logits is not None
        self._make_room()
        n, end = len(self.rows), self.window.end
        made = end - self.born[:n]
        draws = self.draws[:n].gather(1, made[:, None]).squeeze(1) if self.rules.options.do_sample else None
        first = self.window.first
        new = self.choice(self.logits, self.tokens[:n, first:end], self.start[:n] - first, made, draws)
        self.tokens[:n, end] = new
        over = torch.isin(new, self.choice.stops) | (made + 1 >= self.room[:n])
        ended = self._release(over.nonzero().flatten().tolist())
        self.logits = self._look() if self.rows else None
        return ended

    def _release(self, ended: list[int]) -> list[tuple[Task, list[int]]]:
        """Takes rows out; the lowest of the others move into the gaps."""
        if not ended:
            return []
        texts = []
        for i in ended:
            row = self.rows[i]
            born = row.start + len(row.task.prompt)
            texts.append((row.task, [int(token) for token in self.tokens[i, born : self.window.end + 1].tolist()]))
        left = sorted(set(range(len(self.rows))) - set(ended))
        gaps = [i for i in ended if i < len(left)]
        moving = [i for i in left if i >= len(left)]
        if gaps:
            self.cache.copy_rows(moving, gaps)
            for state in (self.tokens, self.start, self.born, self.room, self.draws):
                state[gaps] = state[moving]
            for gap, i in zip(gaps, moving, strict=True):
                self.rows[gap] = self.rows[i]
        del self.rows[len(left) :]
        self._frame()
        return texts

    def _frame(self) -> None:
        """The window around the rows: from the first column that one of them uses."""
        self.window.top, self.window.bottom = 0, len(self.rows)
        self.window.first = min((row.start for row in self.rows), default=self.window.end)

    def _make_room(self) -> None:
        """Sees to it that there is a next column."""
        window = self.window
        if window.end < self.cache.columns:
            return
        by, used = window.first, window.end - window.first
        if by < used:
            self.cache.widen(2 * self.cache.columns)
            more = self.cache.columns - self.tokens.shape[1]
            self.tokens = torch.nn.functional.pad(self.tokens, (0, more), value=self.rules.pad)
            return
        self.cache.shift(by)
        self.tokens[:, :used] = self.tokens[:, by : by + used]
        self.start -= by
        self.born -= by
        for row in self.rows:
            row.start -= by

    def _read(self, prompts: Sequence[Sequence[int]], top: int, first: int) -> torch.Tensor:
        """Logits after each prompt; their keys and values are in the cache's rows from `top` on."""
        window, end = self.window, self.window.end
        width = end - first
        ids = self._tensor([[prompt[0]] * (width - len(prompt)) + list(prompt) for prompt in prompts])
        padding = self._tensor([width - len(prompt) for prompt in prompts])[:, None]
        places = torch.arange(width, device=self.device) - padding
        self.tokens[top : top + len(prompts), :first] = ids[:, :1]
        self.tokens[top : top + len(prompts), first:end] = ids
        window.top, window.bottom, window.first, window.end = top, top + len(prompts), first, first
        logits = self._forward(ids, places.clamp(min=0), places >= 0)
        if bool(logits.isnan().any()):
            raise WorkError("the model gives no number", "it diverged; train again with a lower learning_rate")
        return logits

    def _look(self) -> torch.Tensor:
        """Logits after the token that each row has last got."""
        n, window = len(self.rows), self.window
        ids = self.tokens[:n, window.end : window.end + 1]
        places = (window.end - self.start[:n])[:, None]
        columns = torch.arange(window.first, window.end + 1, device=self.device)
        return self._forward(ids, places, columns >= self.start[:n, None])

    def _forward(self, ids: torch.Tensor, places: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        # Not inference_mode: the weights that FSDP gathers for this have to train afterwards.
        with torch.no_grad():
            logits = self.model(
                input_ids=ids,
                attention_mask=mask.long(),
                position_ids=places,
                past_key_values=self.cache,
                use_cache=True,
                **self.kept,
            ).logits
        self.window.end += ids.shape[1]
        return torch.as_tensor(logits[:, -1].float())

    def _tensor(self, values: Sequence[int] | Sequence[Sequence[int]]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.long, device=self.device)
