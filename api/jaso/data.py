"""Examples of a preprocess folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError
from jaso_core.records import SPLITS, Example

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Examples:
    """Examples that `jaso preprocess` wrote into `folder`.

    They are read split by split, when they are asked for.
    """

    folder: Path

    @cached_property
    def train(self) -> list[Example]:
        """The training split."""
        return self._read("train")

    @cached_property
    def validation(self) -> list[Example]:
        """The validation split."""
        return self._read("validation")

    @cached_property
    def test(self) -> list[Example]:
        """The test split."""
        return self._read("test")

    def __iter__(self) -> Iterator[Example]:
        """All examples, split by split."""
        return iter([*self.train, *self.validation, *self.test])

    def __len__(self) -> int:
        return len(self.train) + len(self.validation) + len(self.test)

    def to_pandas(self) -> pd.DataFrame:
        """One row an example; the column `split` says which split."""
        import pandas as pd

        return pd.DataFrame([asdict(example) for example in self])

    def _read(self, split: str) -> list[Example]:
        from jaso_core.io.files import read_examples

        return read_examples(self.folder / "examples" / f"{split}.parquet")


def load_examples(folder: str | Path) -> Examples:
    """Load the examples of a folder that `jaso preprocess` wrote.

    RequestError when it is none.
    """
    folder = Path(folder)
    missing = [split for split in SPLITS if not (folder / "examples" / f"{split}.parquet").is_file()]
    if missing:
        raise RequestError(f"{folder}: has no examples/{missing[0]}.parquet", "give the out= of `jaso preprocess`")
    return Examples(folder)
