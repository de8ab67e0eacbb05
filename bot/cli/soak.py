"""`blip soak`: how long a fix must run before it counts, and what a run is worth."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import click

from kb.duration import format_duration, parse_duration
from kb.errors import InputError
from kb.soak import MeanEstimate, confidence_after, estimate_mean, soak_time


class Duration(click.ParamType[timedelta]):
    """A length of time such as `30m` or `2 days`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the length, or fail in words."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(str(value))
        except (ValueError, OverflowError) as error:
            self.fail(str(error), param, ctx)


class Percent(click.ParamType[float]):
    """A share such as `99%` or `0.99`."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the share as a number between 0 and 1, or fail in words."""
        text = str(value).strip()
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 < share < 1:
            self.fail(f"{text!r} is no share between 0 and 100 %; write '99%' or '0.99'", param, ctx)
        return share


@click.command()
@click.option("--mttf", type=Duration(), help="Mean time to failure of the broken system, such as 30m.")
@click.option("--failures", type=click.IntRange(min=1), help="How many failures that mean was estimated from.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with one observed time to failure in seconds per line, instead of --mttf.",
)
@click.option("--confidence", type=Percent(), default="99%", show_default=True, help="How sure the fix must be.")
@click.option("--ran", type=Duration(), help="The length of a clean run: say what confidence it gives.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    mttf: timedelta | None,
    failures: int | None,
    record: Path | None,
    confidence: float,
    ran: timedelta | None,
    as_json: bool,
) -> None:
    """Say how long a fix must run without a failure before it counts."""
    if (mttf is None) == (record is None):
        raise InputError("give the mean time to failure with --mttf, or a file of observed times with --record")
    estimate = estimate_mean(_read_record(record)) if record else None
    mean = estimate.mean if estimate else mttf
    if mean is None:
        raise InputError("give the mean time to failure with --mttf")
    count = estimate.failures if estimate else failures
    answer: dict[str, object] = {"mttf_seconds": mean.total_seconds(), "failures": count}
    lines = _estimated(estimate) if estimate else []
    if ran is None:
        soak = soak_time(mean, confidence, count)
        answer |= {"confidence": confidence, "soak_seconds": soak.total_seconds()}
        lines.append(
            f"Soak the fix for {format_duration(soak)} without a failure: a system that is still broken (mean time to "
            f"failure {format_duration(mean)}) survives that in {1 - confidence:.2g} of all runs."
        )
    else:
        reached = confidence_after(mean, ran, count)
        answer |= {"ran_seconds": ran.total_seconds(), "confidence": reached}
        lines.append(
            f"A clean run of {format_duration(ran)} gives {_percent(reached)} confidence that the fault is gone."
        )
    click.echo(json.dumps(answer) if as_json else "\n".join(lines))


def _percent(share: float) -> str:
    return "more than 99.99 %" if share > 0.9999 else f"{share:.2%}".replace("%", " %")


def _estimated(estimate: MeanEstimate) -> list[str]:
    low, high = format_duration(estimate.low), format_duration(estimate.high)
    return [f"Mean of {estimate.failures} failures: {format_duration(estimate.mean)} (95 % interval {low} to {high})."]


def _read_record(path: Path) -> list[timedelta]:
    times = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            times.append(timedelta(seconds=float(text)))
        except (ValueError, OverflowError) as error:
            raise InputError(f"{path}:{number}:1: {text!r} is no number of seconds") from error
    return times
