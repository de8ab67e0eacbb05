"""What is wrong with a value, in words for the person who wrote it."""

from __future__ import annotations

from typing import Any, Final

from kb.nearest import hint

_EXPECTED: Final = {
    "date": "a date in the form 2026-01-31",
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "string": "text",
    "tuple": "a list",
    "list": "a list",
    "dict": "'name: value' lines",
    "model": "'name: value' lines",
}
"""What a kind of value looks like, by the beginning of the validator's name for what went wrong."""

_FORMS: Final = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "small letters, digits and single hyphens, as in guest-loses-arp",
    r"^[^\n]*\S[^\n]*$": "one line of text",
    r"^https?://[^\s<>\"]+$": "an address that begins with https://",
}


def complaint(detail: Any) -> str:
    """Return what a validation error of pydantic says, with what was given and what was expected."""
    fault, given, context = str(detail["type"]), detail["input"], detail.get("ctx", {})
    if fault in ("enum", "literal_error"):
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return f"{given!r} is not one of {choices}{hint(str(given), choices.split(', '))}"
    if fault == "string_too_short":
        return f"has {len(str(given))} characters; expected at least {context['min_length']}"
    if fault == "string_too_long":
        return f"has {len(str(given))} characters; expected at most {context['max_length']}"
    if fault == "string_pattern_mismatch":
        return f"{given!r} is not of the expected form: {_FORMS.get(context['pattern'], context['pattern'])}"
    kind = next((kind for kind in _EXPECTED if fault.startswith((f"{kind}_", f"{kind}s_"))), None)
    if kind is not None:
        return f"{given!r} is not {_EXPECTED[kind]}" if isinstance(given, str) else f"expected {_EXPECTED[kind]}"
    return str(detail["msg"]).removeprefix("Value error, ")
