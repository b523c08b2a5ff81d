"""Warnings about rest and working time in words: the day, the amount, and the limit."""

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from agents.rules.rota import RestWarning, WorkingTimeRule
from core.templatetags.spans import duration
from core.templatetags.times import day_number


def warning_text(warn: RestWarning) -> str:
    said = {
        WorkingTimeRule.WEEK_48_H: _("%(amount)s of work this week, 48 h at most"),
        WorkingTimeRule.AVERAGE_44_H: _("%(amount)s of work a week over 12 weeks, 44 h at most"),
        WorkingTimeRule.DAY_10_H: _("%(day)s: %(amount)s of work, 10 h at most"),
        WorkingTimeRule.SPREAD_12_H: _("%(day)s: %(amount)s from the first hour to the last, 12 h at most"),
        WorkingTimeRule.DAILY_REST_11_H: _("night before %(day)s: %(amount)s of rest, 11 h at least"),
        WorkingTimeRule.WEEKLY_REST_35_H: _("%(amount)s of rest in a row this week, 35 h at least"),
        WorkingTimeRule.BREAK_AFTER_6_H: _("%(day)s: %(amount)s of work without a break of 20 min"),
    }[warn.rule]
    on = f"{WEEKDAYS[warn.on.weekday()]} {day_number(warn.on)}"
    return said % {"day": on, "amount": duration(warn.minutes)}
