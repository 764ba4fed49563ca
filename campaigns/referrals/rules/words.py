"""Referral programmes in plain words, in the active language, for the terms page and the portal."""

from __future__ import annotations

from datetime import date

from django.utils.translation import get_language, gettext, ngettext, override

from campaigns.referrals.rules.terms import Gift, ReferralTerms
from loyalty.web import formats


def gift_text(gift: Gift, *, currency: str) -> str:
    """What is given: ``50 points, 20,000 ₫ of store credit, “Free coffee”``; empty for nothing."""
    parts = []
    place = 0 if (get_language() or "vi").startswith("vi") else 1
    if gift.points:
        parts.append(formats.points_text(gift.points, unit=gift.unit_names[place]))
    if gift.credit_minor:
        money = formats.money_text(gift.credit_minor, currency=currency)
        parts.append(gettext("%(money)s of store credit") % {"money": money})
    if gift.reward_names[place]:
        parts.append(f"“{gift.reward_names[place]}”")
    return ", ".join(parts)


def waiting_words(gift: Gift, day: date, *, currency: str) -> dict[str, str]:
    """What comes and when, in both languages, for the record of a purchase: ``gift_vi`` …"""
    found = {}
    for language in ("vi", "en"):
        with override(language):
            found[f"gift_{language}"] = gift_text(gift, currency=currency)
            found[f"day_{language}"] = formats.day_text(day)
    return found


def sentence(rule: ReferralTerms, *, currency: str) -> str:
    """What a programme promises to both, and on what terms."""
    friend = gift_text(rule.for_friend, currency=currency)
    referrer = gift_text(rule.for_referrer, currency=currency)
    values = {"friend": friend, "referrer": referrer}
    if friend and referrer:
        text = gettext("Invite a friend: they get %(friend)s, you get %(referrer)s.") % values
    elif referrer:
        text = gettext("Invite a friend: you get %(referrer)s.") % values
    else:
        text = gettext("Invite a friend: they get %(friend)s.") % values
    return f"{text} {condition_text(rule, currency=currency)}"


def condition_text(rule: ReferralTerms, *, currency: str) -> str:
    """When it is paid: after which purchase, and how long after it."""
    minimum = rule.restriction.minimum_minor
    days = rule.within_days
    if minimum and days:
        first = ngettext(
            "It counts when the friend buys for %(money)s or more within %(n)s day of joining.",
            "It counts when the friend buys for %(money)s or more within %(n)s days of joining.",
            days,
        )
    elif minimum:
        first = gettext("It counts when the friend buys for %(money)s or more.")
    elif days:
        first = ngettext(
            "It counts when the friend buys within %(n)s day of joining.",
            "It counts when the friend buys within %(n)s days of joining.",
            days,
        )
    else:
        first = gettext("It counts when the friend first buys.")
    money = formats.money_text(minimum, currency=currency)
    texts = [first % {"money": money, "n": formats.number_text(days)}]
    if rule.restriction.skus or rule.restriction.categories:
        texts.append(gettext("Only certain products count."))
    if rule.return_days:
        after = ngettext(
            "It is paid %(n)s day later, if nothing was returned.",
            "It is paid %(n)s days later, if nothing was returned.",
            rule.return_days,
        )
        texts.append(after % {"n": formats.number_text(rule.return_days)})
    texts += [_limit(one.maximum, one.period) for one in rule.limits if not one.by_all]
    return " ".join(texts)


def _limit(most: int, period: str) -> str:
    n = formats.number_text(most)
    texts = {
        "day": gettext("You are paid for at most %(n)s friends a day."),
        "week": gettext("You are paid for at most %(n)s friends a week."),
        "month": gettext("You are paid for at most %(n)s friends a month."),
        "year": gettext("You are paid for at most %(n)s friends a year."),
        "ever": gettext("You are paid for at most %(n)s friends in all."),
    }
    return texts[period] % {"n": n}
