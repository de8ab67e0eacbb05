"""The conversation, free of any channel: (case, message) -> (case, reply).

A message is taken apart once (a command, an answer, facts nobody asked for, a description) and becomes a turn of the
case. The reply follows from the case alone: the same turns always give the same belief, so that `undo` is leaving out
the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot import compose
from bot.case import Case, Turn
from bot.compose import casefile, leads, step, talk
from bot.evidence import Evidence, read_evidence, read_text
from bot.evidence.report import versions
from bot.reply import Paragraph, Part, Reply
from bot.understand import Understanding
from kb.circumstances import informed, tempered
from kb.diagnose import MIN_GAIN, Belief, Differential, Suggestion, Verdict
from kb.errors import StoredIndexError
from kb.load import KnowledgeBase
from kb.match import Matcher, Matching
from kb.model import Check
from kb.text import kind_of_line
from kb.versions import statements

if TYPE_CHECKING:
    from kb.reports import FoundReport, Reports

MAX_TEXT: Final = 200_000
"""Characters of one message that are looked at."""
MAX_DESCRIPTION: Final = 20_000
"""Characters of one message that are kept as description of the fault."""

MAX_SAMPLE: Final = 6_000
"""Characters of an attached file's text that are kept as description."""
MAX_BECAUSE: Final = 200
"""Characters of a line that are kept as the reason of a finding."""
SHORT_ANSWER: Final = 6
"""Words up to which a message is an answer rather than more of the description."""

_CONTROL = re.compile(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_OUTPUT = re.compile(r"[\d:=\n<>\[\]]")
_WORD = re.compile(r"[^\W_]{2}|[\u3040-\u9fff]")
_COMMANDS: Final = {
    "undo": re.compile(r"undo|take (?:that|it) back|oops", re.IGNORECASE),
    "summary": re.compile(r"(?:summary|summari[sz]e|case file|report)(?: please)?", re.IGNORECASE),
    "restart": re.compile(r"restart|new case|start over|reset", re.IGNORECASE),
    "help": re.compile(r"help|hi|hello|hey", re.IGNORECASE),
    "why": re.compile(r"why|why (?:this|that)(?: check)?|why do you ask", re.IGNORECASE),
    "why-not": re.compile(
        r"why not (?P<theory>.{2,80})|why (?:is it|isn'?t it) not? ?(?P<other>.{2,80})", re.IGNORECASE
    ),
}


@dataclass(frozen=True)
class Attachment:
    """An uploaded file, already on disk."""

    name: str
    path: Path


@dataclass(frozen=True)
class Message:
    """What an operator sends: words, the outcome of a button, files, or all of them."""

    text: str = ""
    findings: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Opinion:
    """What is believed of a case: the words' matches, the belief after its findings, and the check to ask next."""

    matching: Matching
    told: Belief
    """What the operator's account says by itself: words, signals, versions, and facts in passing."""
    belief: Belief
    """The same as one witness beside the checks."""
    suggestion: Suggestion | None
    checked: bool
    """True when at least one outcome of a check is known."""

    @property
    def verdict(self) -> Verdict:
        """The verdict. Words alone can say that it is nothing known, but never end a case with an incident.

        A look-alike may be told in the same words, so the first suspect is confirmed by at least one check.
        """
        if self.checked or self.suggestion is None:
            return self.belief.verdict
        return Verdict.UNKNOWN if self.account is Verdict.UNKNOWN else Verdict.UNSURE

    @property
    def account(self) -> Verdict:
        """The verdict of the operator's account alone; what is merely vague is asked back rather than sent away."""
        verdict = self.told.verdict
        return Verdict.UNSURE if verdict is Verdict.UNKNOWN and self.matching.in_trouble else verdict


class Conversation:
    """Answers messages, with one casebook. It holds no case; a case is a value that the caller keeps."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self._matcher = Matcher(knowledge)
        self._differential = Differential(knowledge)
        self._understanding = Understanding(knowledge)
        self._reports: Reports | None = None

    def beside(self, reports: Reports | None) -> Conversation:
        """Return this conversation with imported reports beside its casebook; they never change what it believes."""
        other = copy(self)
        other._reports = reports
        return other

    def greeting(self) -> Reply:
        """Return what to say before anything was told."""
        return talk.greeting(self.knowledge)

    def answer(self, case: Case, message: Message) -> tuple[Case, Reply]:
        """Take one message into the case and answer it. No input raises."""
        text = clean(message.text)
        if not message.findings and not message.attachments:
            if not _WORD.search(text) and not text.strip().isdigit():
                return case, talk.nothing_said(self.knowledge, bool(case.turns))
            done = self._command(case, text.strip().rstrip("?!. "))
            if done is not None:
                return done
        turn, notes = self._turn(case, text, message)
        waiting = self._misunderstood(case, turn)
        if waiting is not None:
            turn = turn.model_copy(update={"asked": waiting.id, "asked_back": True})
            return case.after(turn), step.asked_back(waiting, notes)
        before = self.opinion(case) if case.turns else None
        opinion = self.opinion(case.after(turn))
        if opinion.suggestion is not None and opinion.verdict is Verdict.UNSURE:
            turn = turn.model_copy(update={"asked": opinion.suggestion.check.id})
        found = self._leads(case.after(turn), opinion)
        case = case.after(turn.model_copy(update={"led": bool(found)}))
        return case, compose.progress(self.knowledge, case, turn, before, opinion, notes, found)

    def opinion(self, case: Case) -> Opinion:
        """Return what is believed of a case."""
        matching = self._matcher.match(case.description)
        account, witness = (
            informed(chances, self.knowledge, case.signals, case.versions)
            for chances in (matching.prior, tempered(matching.prior))
        )
        told = self._differential.weigh(account, case.findings, case.findings.keys())
        belief = self._differential.weigh(witness, case.findings, case.heard)
        # What is known beyond the operator's own account; however clear that is, one check confirms it.
        checked = bool(case.signals or case.findings.keys() - case.heard)
        settled = case.findings.keys() | case.skipped
        suggestion = self._differential.next_check(belief, settled, MIN_GAIN if checked else 0.0)
        return Opinion(matching, told, belief, suggestion, checked)

    def alike(self, case: Case) -> Sequence[FoundReport] | None:
        """Return the imported reports that read like a case, None when there are no reports to look through.

        Raises:
            StoredIndexError: the reports are damaged.
        """
        return None if self._reports is None else self._reports.alike(story(case), leads.SHOWN)

    def state(self, case: Case) -> dict[str, Any]:
        """Return a case as plain data: verdict, candidates, the next check and the findings."""
        opinion = self.opinion(case)
        return casefile.state(self.knowledge, case, opinion)

    def _command(self, case: Case, text: str) -> tuple[Case, Reply] | None:
        """Carry out a message that is a command and nothing else."""
        if text.lower() == "skip" and case.asked is None:
            return case, talk.nothing_asked()
        for name, pattern in _COMMANDS.items():
            found = pattern.fullmatch(text)
            if not found or (name in ("why", "why-not") and not case.turns):
                continue
            if name == "undo":
                return self._undo(case)
            if name == "restart":
                return Case(id=case.id), talk.restarted(self.knowledge)
            if name == "help":
                return case, talk.help_text(self.knowledge)
            opinion = self.opinion(case)
            if name == "summary":
                return case, casefile.summary(self.knowledge, case, opinion, self._read_alike(case))
            if name == "why":
                return case, step.why_this_check(self.knowledge, opinion)
            theory = found["theory"] or found["other"]
            return case, step.why_not(self.knowledge, opinion, theory)
        return None

    def _undo(self, case: Case) -> tuple[Case, Reply]:
        if not case.turns:
            return case, talk.nothing_to_undo()
        undone = case.undone()
        opinion = self.opinion(undone)
        return undone, compose.undone(self.knowledge, case, undone, opinion, self._leads(undone, opinion))

    def _leads(self, case: Case, opinion: Opinion) -> Sequence[Part]:
        """Show imported reports whenever the casebook has nothing to offer, and else once a case."""
        return [] if case.led and opinion.verdict is not Verdict.UNKNOWN else self._read_alike(case)

    def _read_alike(self, case: Case) -> Sequence[Part]:
        """Show the imported reports that read like a case; damaged ones are told of and stop nobody."""
        try:
            return leads.leads(self.alike(case) or ())
        except StoredIndexError as error:
            return [Paragraph(f"The imported reports cannot be searched: {error}.")]

    def _turn(self, case: Case, text: str, message: Message) -> tuple[Turn, list[Part]]:
        """Take a message apart; the parts say what its evidence shows and what about it could not be used."""
        findings: dict[str, str] = {}
        because: dict[str, str] = {}
        heard: frozenset[str] = frozenset()
        skipped = None
        if text.strip():
            understood = self._understanding.read(text[:MAX_DESCRIPTION], case.asked)
            findings |= understood.findings
            because |= understood.because
            heard = frozenset() if case.turns else understood.volunteered
            skipped = case.asked if understood.skipped else None
        evidence = self._evidence(text, message)
        for check, finding in evidence.findings.items():
            findings[check], because[check] = finding.outcome, finding.because[0]
        notes = casefile.evidence(evidence)
        for name, outcome in message.findings.items():
            known = self.knowledge.checks.get(self.knowledge.redirects.get(name, name))
            if known is not None and outcome in known.outcomes:
                findings[known.id], because[known.id] = outcome, known.outcomes[outcome].label
            else:
                notes.append(Paragraph(talk.unknown_outcome(self.knowledge, name, outcome)))
        sample = evidence.sample[:MAX_SAMPLE] if message.attachments else ""
        turn = Turn(
            text="\n".join(filter(None, (text[:MAX_DESCRIPTION], sample))),
            findings=findings,
            because={check: line[:MAX_BECAUSE] for check, line in because.items()},
            heard=tuple(sorted(heard - evidence.findings.keys() - message.findings.keys())),
            signals={name: lines[0][:MAX_BECAUSE] for name, lines in evidence.signals.items()},
            versions=(*statements(text[:MAX_DESCRIPTION]), *versions(evidence)),
            skipped=skipped,
        )
        return turn, notes

    def _evidence(self, text: str, message: Message) -> Evidence:
        """Read what a message holds of logs, captures and command output."""
        if message.attachments:
            return read_evidence([attachment.path for attachment in message.attachments], self.knowledge)
        # The readers take a tenth of a second to import, and plain prose holds nothing for them.
        return read_text(text, self.knowledge) if _OUTPUT.search(text) else Evidence()

    def _misunderstood(self, case: Case, turn: Turn) -> Check | None:
        """Return the open check when a short answer fitted none of its outcomes; it is asked back only once."""
        last = case.turns[-1] if case.turns else None
        if last is None or last.asked is None or last.asked_back or turn.findings or turn.skipped:
            return None
        return self.knowledge.checks.get(last.asked) if len(turn.text.split()) <= SHORT_ANSWER else None


def story(case: Case) -> str:
    """Return what a person wrote about the fault, or all there is when a machine wrote it.

    Short answers speak the checks' words, and pasted output differs from machine to machine.
    """
    texts = (turn.text for at, turn in enumerate(case.turns) if at == 0 or len(turn.text.split()) > SHORT_ANSWER)
    prose = (line for line in "\n".join(texts).splitlines() if kind_of_line(line) == "prose")
    return "\n".join(prose).strip() or case.description


def clean(text: str) -> str:
    """Return a message bounded and without control characters; line ends stay."""
    return _CONTROL.sub(" ", text[:MAX_TEXT].replace("\r\n", "\n"))
