"""A model: generate, stream, predict."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from jaso.configuration import compose
from jaso.text_stream import TextStream
from jaso_core.config import to_settings
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.generation.options import GenerationOptions
from jaso_core.records import Example, Prediction

if TYPE_CHECKING:
    from jaso_core.generation.session import GenerationSession
    from jaso_core.modeling.checkpoint import Checkpoint

FIELDS = ("question", "answer", "summary", "occupation", "experience", "role", "company")
"""Keywords that are fields of the example; every other one is an option of generation."""


class Model:
    """Model with its tokenizer and prompt format; thread-safe.

    Several threads may use it: requests share its batches.

    Close it, or use it in a `with` block, to end what runs.
    """

    def __init__(self, checkpoint: Checkpoint, folder: Path, batch_size: int = 16) -> None:
        self.checkpoint, self.folder = checkpoint, folder
        self._batch_size = batch_size
        self._session: GenerationSession | None = None
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        return f"Model({str(self.folder)!r}, prompt={self.prompt!r}, parameters={self.parameters:,})"

    @property
    def prompt(self) -> str:
        """The name of its prompt format."""
        return self.checkpoint.prompt.name

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that its prompt format reads."""
        return self.checkpoint.prompt.reads

    @property
    def parameters(self) -> int:
        """How many parameters it has."""
        return sum(parameter.numel() for parameter in self.checkpoint.model.parameters())

    @overload
    def generate(self, *, n: None = None, seed: int = 1, preset: str | None = None, **keywords: Any) -> str: ...
    @overload
    def generate(self, *, n: int, seed: int = 1, preset: str | None = None, **keywords: Any) -> list[str]: ...

    def generate(
        self, *, n: int | None = None, seed: int = 1, preset: str | None = None, **keywords: Any
    ) -> str | list[str]:
        """One text, or a list of `n` texts.

        Keywords are fields of the example (`question`, `occupation` …) and options of generation (`temperature`,
        `max_new_tokens` …; those of `jaso show generate sampling`). What is in the place of a masked name, as "[회사]",
        is written with `masks=True` only. `preset`: greedy, sampling or beam; by default
        greedy, and sampling for several texts or where an option of sampling is given. RequestError for a field that
        the prompt reads and that is not given, and for an unknown keyword.
        """
        texts = [self._text(request.result().ids) for request in self._submit(n, seed, preset, keywords)]
        return texts[0] if n is None else texts

    def stream(self, *, seed: int = 1, preset: str | None = None, **keywords: Any) -> TextStream:
        """Return the pieces of one text as they come; joined they equal `generate`.

        Closing the stream cancels the request.
        """
        (request,) = self._submit(None, seed, preset, keywords)
        return TextStream(self.checkpoint.tokenizer, request)

    def streams(self, options: GenerationOptions, **values: Any) -> list[TextStream]:
        """Return texts as streams, which are generated side by side; see `stream`.

        As many as `options.num_return_sequences`; `values`: fields of the example.
        """
        return self.stream_context(self._context(values), options)

    def stream_context(self, context: Sequence[int], options: GenerationOptions) -> list[TextStream]:
        """Return the texts that follow token ids, as streams; see `streams`."""
        return [TextStream(self.checkpoint.tokenizer, request) for request in self._open().submit(context, options)]

    def predict(
        self,
        examples: Iterable[Example],
        *,
        limit: int | None = None,
        seed: int = 1,
        preset: str = "greedy",
        **options: Any,
    ) -> list[Prediction]:
        """Return predictions for examples, as `jaso evaluate` makes them.

        They have no likelihoods. `limit`: only the first so many of them.

        Examples that lack a field, or whose prompt is too long, are left out, which is said on stderr.
        """
        from jaso_core.modeling.encode import encode_context
        from jaso_evaluate.predict.predictions import build_predictions, encode_examples

        checkpoint, session = self.checkpoint, self._open()
        work = encode_examples(list(examples)[:limit], checkpoint, "examples")
        chosen = self.options(preset, {**options, "seed": seed})
        contexts = [encode_context(example, checkpoint.prompt, checkpoint.tokenizer) for example in work.examples]
        requests = [session.submit(c, chosen, e.id) for c, e in zip(contexts, work.examples, strict=True)]
        texts = []
        for group in requests:
            generated = [request.result() for request in group]
            texts.append([{"text": self._text(g.ids), "tokens": len(g.ids), "stop": g.stop} for g in generated])
        return build_predictions(checkpoint, work, texts, {})

    def close(self) -> None:
        """End what runs. The model can still be used afterwards."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _submit(self, n: int | None, seed: int, preset: str | None, keywords: dict[str, Any]) -> Sequence[Any]:
        values = {name: keywords.pop(name) for name in (*FIELDS, *self.reads) if name in keywords}
        preset = preset or _preset(n, keywords)
        keywords.setdefault("masks", False)
        context = self._context(values)
        options = self.options(preset, {**keywords, "seed": seed, "num_return_sequences": n or 1})
        return self._open().submit(context, options)

    def _context(self, values: dict[str, Any]) -> list[int]:
        """Return the token ids of the prompt with these fields."""
        from jaso_core.modeling.encode import encode_context
        from jaso_core.prompts.base import META

        unread = [name for name in values if name not in (*self.reads, self.checkpoint.prompt.writes)]
        if unread:
            what = f"prompt format '{self.prompt}' reads {', '.join(self.reads) or 'nothing'}, not {', '.join(unread)}"
            warnings.warn(what, UserWarning, stacklevel=4)
        missing = [name for name in self.reads if not str(values.get(name) or "").strip()]
        if missing:
            cure = ", ".join(f"{name}=…" for name in missing)
            what = f"the text has no {missing[0]}, which prompt format '{self.prompt}' reads"
            raise RequestError(what, f"give {cure}")
        meta = {name.removeprefix(META): values.pop(name) for name in list(values) if name.startswith(META)}
        example = Example(
            "text",
            "text",
            "text",
            "test",
            values.pop("question", None),
            values.pop("answer", None),
            **values,
            meta=meta,
        )
        return encode_context(example, self.checkpoint.prompt, self.checkpoint.tokenizer)

    @property
    def is_from_random_weights(self) -> bool:
        """Whether its training began with random weights, as far as its folder says."""
        from jaso_core.modeling.checkpoint import model_folder, read_prompt_file
        from jaso_core.modeling.pretrained_checkpoint import is_trained_by_jaso

        return is_trained_by_jaso(self.folder) and read_prompt_file(model_folder(self.folder))["base"] is None

    def options(self, preset: str, keywords: Mapping[str, Any]) -> GenerationOptions:
        """Return a preset's options with others in it. RequestError for an unknown one."""
        known = {f.name for f in fields(GenerationOptions)} - {"name", "engine"}
        for name in keywords:
            if name not in known:
                raise RequestError(f"jaso: keyword '{name}' is unknown", did_you_mean(name, [*FIELDS, *sorted(known)]))
        node = compose("evaluate", {"generate": preset})["generate"]
        return to_settings({**node, **keywords}, GenerationOptions, "generate")

    def _open(self) -> GenerationSession:
        from jaso_core.generation.session import GenerationSession
        from jaso_core.modeling.encode import stop_ids

        if self._session is None:
            c = self.checkpoint
            self._session = GenerationSession(
                c.model,
                c.tokenizer,
                limit=c.max_length,
                stops=stop_ids(c.prompt, c.tokenizer),
                batch_size=self._batch_size,
            )
        return self._session

    def _text(self, ids: Sequence[int]) -> str:
        from jaso_core.generation.text import decode_text

        return decode_text(self.checkpoint.tokenizer, ids)


_SAMPLING = ("temperature", "top_k", "top_p", "min_p", "typical_p")


def _preset(n: int | None, keywords: dict[str, Any]) -> str:
    if keywords.get("num_beams", 1) > 1:
        return "beam"
    wants_sampling = (n or 1) > 1 or keywords.get("do_sample") or any(name in keywords for name in _SAMPLING)
    return "sampling" if wants_sampling else "greedy"
