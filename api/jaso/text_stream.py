"""A text that is being generated, as a stream of its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaso_core.generation.session import GenerationRequest


class TextStream:
    """One text, piece by piece as it comes; iterate over it.

    `stop`, once it has ended: "end", or "length" where the limit of tokens cut it.
    """

    def __init__(self, tokenizer: Any, request: GenerationRequest) -> None:
        from jaso_core.generation.text import stream_text

        self._request = request
        self._pieces = stream_text(tokenizer, request)

    def __iter__(self) -> TextStream:
        return self

    def __next__(self) -> str:
        return next(self._pieces)

    @property
    def stop(self) -> str:
        """What ended the text. Waits for its end."""
        return self._request.result().stop

    def close(self) -> None:
        """Cancel the text, unless it has ended."""
        if not self._request.is_done:
            self._request.cancel()

    def __del__(self) -> None:
        self.close()
