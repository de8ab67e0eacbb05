"""The JSON Schemas that editors use are the model's own."""

from __future__ import annotations

import json

from kb.model import Incident
from kb.schema import schemas


def test_the_committed_schemas_are_in_step_with_the_model() -> None:
    for path, text in schemas().items():
        assert path.read_text(encoding="utf-8") == text, "run `python -m kb.schema`"


def test_a_schema_names_what_stands_in_the_front_matter_and_nothing_else() -> None:
    (text,) = (text for path, text in schemas().items() if path.name.startswith("incident"))
    schema = json.loads(text)
    assert schema["properties"].keys() == Incident.model_fields.keys() - {"id", "path", "body"}
    assert schema["additionalProperties"] is False
    assert "from" in schema["$defs"]["Symptom"]["properties"]
