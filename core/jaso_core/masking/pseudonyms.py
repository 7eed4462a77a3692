"""Pseudonyms of ids in an export: keyed hashes, the same for an id in all columns.

An id says where a text is from ("linkareer:33871", an address, a name of the user's own). Inside of a run it joins
files; whoever has an export alone should not find the page by it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jaso_core.errors import RequestError
from jaso_core.io.files import NOT_EXPORTED, atomic_path
from jaso_core.io.further_columns import EXAMPLE_SCHEMA
from jaso_core.io.parquet import read_parquet_batches

EXPORT_SCHEMA = pa.schema([column for column in EXAMPLE_SCHEMA if column.name not in NOT_EXPORTED])
_DIGITS = 16


class Pseudonyms:
    """Pseudonyms with the key of one preprocess folder.

    `digests`: the hashes of all files of that folder, which the export does not hold. The key is made of them. So a
    second export of the folder has the same ids, another folder has others, and who has the export alone cannot try
    ids out.
    """

    def __init__(self, digests: Mapping[str, str]) -> None:
        self._key = hashlib.sha256(f"ids of an export {json.dumps(digests, sort_keys=True)}".encode()).digest()

    def of(self, name: str) -> str:
        """Return the pseudonym of a document or a group."""
        return hmac.new(self._key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:_DIGITS]

    def of_example(self, name: str, document: str) -> str:
        """Return the pseudonym of an example, which keeps its place in the document."""
        # "csv:3#1" of "csv:3" → "9f86d081884c7d65#1"
        place = name.removeprefix(document)
        is_place = name.startswith(document) and place[:1] == "#" and place[1:].isdecimal()
        return f"{self.of(document)}{place}" if is_place else self.of(name)

    def write(self, source: Path, target: Path) -> None:
        """Write the examples of `source` as they are exported; RequestError for damage."""
        try:
            batches = list(read_parquet_batches(source, EXPORT_SCHEMA.names))
            table = pa.Table.from_batches(batches).cast(EXPORT_SCHEMA) if batches else EXPORT_SCHEMA.empty_table()
        except (pa.ArrowException, ValueError) as error:
            reason = (str(error).splitlines() or [""])[0]
            raise RequestError(f"{source}: not examples ({reason})", "run `jaso preprocess` again") from None
        ids, documents, groups = (table[name].to_pylist() for name in ("id", "document_id", "group"))
        replaced = {
            "id": [self.of_example(name, document) for name, document in zip(ids, documents, strict=True)],
            "document_id": [self.of(name) for name in documents],
            "group": [self.of(name) for name in groups],
        }
        for name, values in replaced.items():
            index = EXPORT_SCHEMA.get_field_index(name)
            table = table.set_column(index, EXPORT_SCHEMA.field(name), pa.array(values, pa.string()))
        with atomic_path(target) as temporary:
            pq.write_table(table, temporary)
