"""What is kept of a session when a visit is cancelled, or nobody comes: asked, read and said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.packages import wording
from creditwell.packages.forfeiting import BY_RULE, Keeping, WrongPercent
from creditwell.packages.queries import places_of
from creditwell.packages.queries_stakes import Stake
from creditwell.packages.rules import HUNDRED
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.formats import money_text

HALF = 50
RULE, OTHER = "rule", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOption:
    value: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAsk:
    """The question in a dialog: what the rule does now, and what may be done instead."""

    rules: tuple[str, ...]
    spares: bool  # the rule keeps something, but nothing when the practice cancels
    options: tuple[KeepOption, ...]
    percent: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStake:
    """Whose session is at stake; the name is said where there are several."""

    name: str
    stake: Stake


def ask(
    practice: PracticeFacts,
    stakes: Sequence[AtStake],
    now: datetime,
    *,
    no_show: bool,
    typed: Mapping[str, str],
) -> KeepAsk | None:
    """
    What to ask when these visits are cancelled now (`no_show`: when nobody comes); None without
    a session. `typed` was refused before.
    """
    if not stakes:
        return None
    percents = {_by_rule(one.stake, now, no_show=no_show) for one in stakes}
    several = len(stakes) > 1
    rules = tuple(
        _("%(name)s: %(rule)s") % {"name": one.name, "rule": said} if several else said
        for one, said in (
            (one, rule_words(practice, one.stake, now, no_show=no_show)) for one in stakes
        )
    )
    first = None if several else stakes[0].stake
    chosen = typed.get("keep", RULE)
    words = {
        RULE: _("As the rule says"),
        "100": kept_words(practice, first, HUNDRED),
        "50": kept_words(practice, first, HALF),
        "0": kept_words(practice, first, 0),
        OTHER: _("Another part, in percent"),
    }
    given = {f"{percent}" for percent in percents} if len(percents) == 1 else set()
    return KeepAsk(
        rules=rules,
        spares=not no_show and any(percents),
        options=tuple(
            KeepOption(value=value, word=word, chosen=value == chosen)
            for value, word in words.items()
            if value not in given
        ),
        percent=typed.get("keep_percent", ""),
        reason=typed.get("keep_reason", ""),
    )


def _by_rule(stake: Stake, now: datetime, *, no_show: bool) -> int:
    return stake.no_show_percent if no_show else stake.cancel_percent(now)


def rule_words(practice: PracticeFacts, stake: Stake, now: datetime, *, no_show: bool) -> str:
    """Less than 24 hours before: half of the session is kept, $45.00 goes back to the account."""
    what = kept_words(practice, stake, _by_rule(stake, now, no_show=no_show))
    if no_show:
        return _("When somebody does not come: %(what)s.") % {"what": what}
    hours = stake.notice_hours
    if stake.is_late(now):
        sentence = ngettext(
            "Less than %(hours)s hour before: %(what)s.",
            "Less than %(hours)s hours before: %(what)s.",
            hours,
        )
    else:
        sentence = ngettext(
            "In time, %(hours)s hour or more before: %(what)s.",
            "In time, %(hours)s hours or more before: %(what)s.",
            hours,
        )
    return sentence % {"hours": hours, "what": what}


def kept_words(practice: PracticeFacts, stake: Stake | None, percent: int) -> str:
    """What keeping so much means; without a stake, for whichever session it is."""
    if percent == 0:
        return _("nothing is kept, the session is free again")
    if percent == HUNDRED:
        return _("the whole session is kept")
    share = _("half of the session") if percent == HALF else _("%(percent)s%% of the session")
    gaps = {"share": share % {"percent": percent} if percent != HALF else share}
    if stake is None:
        return _("%(share)s is kept, the rest goes back") % gaps
    if stake.measure == "sessions":
        return _back_words(stake, percent, gaps["share"])
    kept = stake.units_kept(percent)
    return _("%(kept)s is kept, %(rest)s goes back to the package") % {
        "kept": wording.in_words(kept, stake.measure, practice),
        "rest": wording.in_words(stake.units - kept, stake.measure, practice),
    }


def _back_words(stake: Stake, percent: int, share: str) -> str:
    """Where what is not kept of a counted session goes; `share` is what is kept."""
    back, off = stake.back(percent), stake.off_owing(percent)
    gaps = {"share": share, "sum": money_text(back)}
    if not back:
        return _("%(share)s is kept, nothing goes back") % gaps
    if off is None:
        return (
            _("%(share)s is kept, %(sum)s comes off what is owing, or goes back to the account")
            % gaps
        )
    if not off:
        return _("%(share)s is kept, %(sum)s goes back to the account") % gaps
    if off == back:
        return _("%(share)s is kept, %(sum)s comes off what is owing") % gaps
    gaps |= {"off": money_text(off), "paid": money_text(back - off)}
    return (
        _("%(share)s is kept, %(off)s comes off what is owing, %(paid)s goes back to the account")
        % gaps
    )


def keeping_of(typed: Mapping[str, str]) -> Keeping:
    """
    What was chosen; nothing is the rule.

    :raises WrongPercent: if it is no percentage
    """
    keep = typed.get("keep", RULE)
    if keep in (RULE, ""):
        return BY_RULE
    text = typed.get("keep_percent", "") if keep == OTHER else keep
    digits = text.strip().rstrip("%").strip()
    if not (digits.isdecimal() and digits.isascii() and len(digits) < 4):
        raise WrongPercent
    return Keeping(percent=int(digits), reason=typed.get("keep_reason", "")[:200])


def became_of(practice: PracticeFacts, attendee_ids: Sequence[int]) -> str:
    """What became of the sessions that these visits had, in a sentence; "" if they had none."""
    if not attendee_ids:
        return ""
    places = places_of(practice_id=practice.id, attendee_ids=attendee_ids)
    if len(attendee_ids) == 1:
        if not places:
            return _("Its session is free again.")
        kept = wording.kept(places[attendee_ids[0]])
        if kept:
            return _("Of its session, %(kept)s.") % {"kept": kept}
        return _("Its session is forfeited.")
    free, gone = len(attendee_ids) - len(places), len(places)
    said = []
    if free:
        said.append(
            ngettext("%(count)s session is free again.", "%(count)s sessions are free again.", free)
            % {"count": free}
        )
    if gone:
        said.append(
            ngettext("%(count)s session is forfeited.", "%(count)s sessions are forfeited.", gone)
            % {"count": gone}
        )
    return " ".join(said)
