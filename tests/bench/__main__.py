"""Everything that is measured, table by table: `make bench`.

BLIP_BEIR may name a folder of public sets in BEIR layout, BLIP_CASES a file of further descriptions; without them
their tables are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.bench import answers, diagnosis, evidence, matching, retrieval
from tests.bench.table import Table

SUBJECTS: tuple[Callable[[], Iterable[Table]], ...] = (
    matching.run,
    diagnosis.run,
    answers.run,
    retrieval.run,
    evidence.tables,
)

for subject in SUBJECTS:
    for table in subject():
        print(table, flush=True)
