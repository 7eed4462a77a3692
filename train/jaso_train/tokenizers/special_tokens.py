"""Special tokens of every jaso model, with spelling and ids of KoGPT2's."""

from __future__ import annotations

UNUSED = 100

END = "</s>"
PAD = "<pad>"
UNKNOWN = "<unk>"
MASK = "<mask>"

SPECIAL_TOKENS = (
    "<s>", END, "<usr>", PAD, "<sys>", UNKNOWN, MASK, "<d>", "</d>",
    *(f"<unused{i}>" for i in range(UNUSED)),
)  # fmt: skip
"""ids 0 to 108. A prompt format's markers are among them, so a format works on any model of this vocabulary."""

NAMED = {"bos_token": END, "eos_token": END, "unk_token": UNKNOWN, "pad_token": PAD, "mask_token": MASK}
"""KoGPT2's own training used `</s>` at both ends."""
