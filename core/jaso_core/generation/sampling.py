"""Sampling: from the logits of the next token to the token.

What is forbidden, what is left to draw from, and the draw.

The order is that of transformers' generate: penalty for repetition, n-grams, least length, banned tokens; then, for
sampling, temperature, top-k, top-p, min-p, locally typical. Ties aside, what is left to draw from is the same.
"""

from __future__ import annotations

import math

import torch

from jaso_core.generation.generate import Rules

_NONE = -math.inf
# SplitMix64's constants 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9 and 0x94D049BB133111EB as signed 64-bit numbers.
_GOLDEN, _MIX_1, _MIX_2 = (n - 2**64 for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


class TokenChoice:
    """Choice of each row's next token: greedy or sampled.

    Sampling takes one uniform number a row and step, the seed of one number for each token of the vocabulary. So a row
    does not depend on the other rows, but for logits so close that rounding in a larger batch decides.
    """

    def __init__(self, rules: Rules, device: torch.device) -> None:
        self.options = rules.options
        self.banned = torch.tensor(rules.banned, dtype=torch.long, device=device)
        self.stops = torch.tensor(rules.stops, dtype=torch.long, device=device)
        self._nucleus = 64

    def __call__(
        self,
        logits: torch.Tensor,
        tokens: torch.Tensor,
        starts: torch.Tensor,
        made: torch.Tensor,
        draws: torch.Tensor | None,
    ) -> torch.Tensor:
        """Token ids, shape (rows,).

        `logits`: (rows, vocabulary), float32; they are written over. `tokens`: (rows, columns), each row's prompt and
        text so far from the column in `starts` on, before it a repetition of its first token. `made`: (rows,) new
        tokens so far. `draws`: (rows,) numbers in [0, 1) in float64, None for the likeliest token.
        """
        scores = self._allowed(logits, tokens, starts, made)
        if draws is None:
            return scores.argmax(dim=-1)
        return self._draw(scores / self.options.temperature, draws)

    def _allowed(
        self, scores: torch.Tensor, tokens: torch.Tensor, starts: torch.Tensor, made: torch.Tensor
    ) -> torch.Tensor:
        """Forbid tokens in place, by −inf; shapes as in `__call__`."""
        options = self.options
        if options.repetition_penalty != 1:
            seen = scores.gather(1, tokens)
            # Logits 2 and −2, penalty 2 → 1 and −4: both less likely. A token that occurs twice is penalised once.
            seen = torch.where(seen < 0, seen * options.repetition_penalty, seen / options.repetition_penalty)
            scores.scatter_(1, tokens, seen)
        if options.no_repeat_ngram_size:
            _ban_ngrams(scores, tokens, starts, options.no_repeat_ngram_size)
        if options.min_new_tokens:
            early = (made < options.min_new_tokens)[:, None]
            scores[:, self.stops] = scores[:, self.stops].masked_fill(early, _NONE)
        if len(self.banned):
            scores.index_fill_(1, self.banned, _NONE)
        return scores

    def _draw(self, scores: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
        """Draw one token a row by exponential clocks (Gumbel-max trick).

        The token of the least Eᵢ / wᵢ, which i is with probability wᵢ / Σw (Maddison et al. 2014). A clock belongs to a
        token, so a weight that differs in its last bit moves no other token's chance; inverting the cumulative sum
        would move all behind it.
        """
        values, ids = self._left(scores)
        weights = (values - values.amax(dim=1, keepdim=True)).double().exp()
        if ids is None:
            ids = torch.arange(scores.shape[1], device=scores.device)[None]
        # Weights [3, 1], clocks [0.6, 0.1] → 3 / 0.6 = 5 and 1 / 0.1 = 10: the second. A weight of 0 never wins.
        clocks = _uniform_by_token(draws, ids).log_().neg_()
        # Candidates lie in the order of their scores, where rounding may change places; their clocks go with them.
        return ids.expand(weights.shape).gather(1, (weights / clocks).argmax(dim=1, keepdim=True)).squeeze(1)

    def _left(self, scores: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return scores of the tokens to draw from, and their ids.

        Both (rows, candidates). Ids are None where it is all tokens, in order; what is not drawn has −inf.
        """
        options = self.options
        values, ids = scores, None
        if 0 < options.top_k < scores.shape[1]:
            values, ids = scores.topk(options.top_k, dim=1)
        if options.top_p < 1:
            values, ids = self._top_p(values, ids)
        if options.min_p:
            least = values.amax(dim=1, keepdim=True) + math.log(options.min_p)
            values = values.masked_fill(values < least, _NONE)
        if options.typical_p < 1:
            values = _typical(values, options.typical_p)
        return values, ids

    def _top_p(self, values: torch.Tensor, ids: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Keep the fewest tokens that hold the mass top_p (nucleus sampling).

        The likeliest come first (Holtzman et al. 2020).

        Sorting a whole vocabulary takes longer than a small model's forward pass, so the first tokens are looked at,
        as many as the last step needed and some more, and more of them only if these do not hold the mass.
        """
        log_z = values.logsumexp(dim=1, keepdim=True)
        if ids is None:
            full, size = values, values.shape[1]
            width = min(self._nucleus, size)
            values, ids = full.topk(width, dim=1)
            while width < size and bool(((values - log_z).exp().sum(dim=1) < self.options.top_p).any()):
                width = min(8 * width, size)
                values, ids = full.topk(width, dim=1)
        p = (values - log_z).exp()
        # p [0.5, 0.3, 0.2], top_p 0.7 → before [0, 0.5, 0.8]: the third token is out.
        before = p.cumsum(dim=1) - p
        out = before >= self.options.top_p
        out[:, 0] = False
        self._nucleus = max(64, 2 * (out.shape[1] - int(out.sum(dim=1).min())))
        return values.masked_fill(out, _NONE), ids


def _uniform_by_token(draws: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Hash each row's draw with token ids to uniform numbers in (0, 1).

    `draws`: (rows,) in [0, 1). `ids`: (rows or 1, ids). Returns float64, (rows, ids). Each is the output
    of SplitMix64 (Steele et al. 2014) whose state is the draw's 53 bits, mixed once, plus the id times the golden
    ratio: the same on every machine.
    """
    states = _mix((draws * 2**53).long())[:, None] + (ids + 1) * _GOLDEN
    # Half a unit of 52 bits is added: never 0 or 1, whose clocks would be infinite or 0.
    return (_mix(states) >> 12).bitwise_and_((1 << 52) - 1).double().add_(0.5).mul_(2.0**-52)


def _mix(bits: torch.Tensor) -> torch.Tensor:
    """Mix 64 bits by SplitMix64's finalizer, in place; int64 that wraps around."""
    # The shifts are of unsigned numbers: the copies of the sign are masked out.
    bits.bitwise_xor_((bits >> 30).bitwise_and_((1 << 34) - 1)).mul_(_MIX_1)
    bits.bitwise_xor_((bits >> 27).bitwise_and_((1 << 37) - 1)).mul_(_MIX_2)
    return bits.bitwise_xor_((bits >> 31).bitwise_and_((1 << 33) - 1))


def _ban_ngrams(scores: torch.Tensor, tokens: torch.Tensor, starts: torch.Tensor, size: int) -> None:
    """No token that would complete n tokens in a row which the text has had."""
    columns = tokens.shape[1]
    if columns < size:
        return
    # n 2, text a b a → windows (a b), (b a), last token a: the first window begins with it, so b is banned.
    windows = tokens.unfold(1, size, 1)
    last = tokens[:, columns - size + 1 :]
    own = torch.arange(columns - size + 1, device=tokens.device) >= starts[:, None]  # not those of the padding
    rows, places = ((windows[..., :-1] == last[:, None]).all(dim=-1) & own).nonzero(as_tuple=True)
    scores[rows, windows[rows, places, -1]] = _NONE


def _typical(values: torch.Tensor, mass: float) -> torch.Tensor:
    """Keep the locally typical tokens, as many as hold the mass.

    `values`: scores, (rows, candidates). Kept are those whose information is nearest to the entropy (Meister et al.
    2022).
    """
    logs = values.log_softmax(dim=1)
    p = logs.exp()
    entropy = -(p * logs).nansum(dim=1, keepdim=True)
    # p [0.5, 0.3, 0.2], entropy 1.03 → distances [0.34, 0.17, 0.58]; mass 0.7: the second and the first stay.
    distance, order = (logs + entropy).abs().sort(dim=1, stable=True)
    below = (p.gather(1, order).cumsum(dim=1) < mass).sum(dim=1, keepdim=True).clamp(max=values.shape[1] - 1)
    return values.masked_fill((logs + entropy).abs() > distance.gather(1, below), _NONE)
