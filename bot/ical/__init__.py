"""Reads the meetings of an iCalendar file."""

from bot.ical.meeting import REASONS, BadCalendar, Calendar, Found
from bot.ical.reading import read

__all__ = ["REASONS", "BadCalendar", "Calendar", "Found", "read"]
