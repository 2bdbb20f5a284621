"""Every table. Times are UTC; what people wrote is encrypted."""

from storage.tables.advice import (
    AdviceMissed,
    AdviceOpened,
    Run,
    RunEntry,
    RunMember,
    SupportAsked,
    SupportCall,
    Supporter,
    Tick,
)
from storage.tables.alerts import Alert, AlertEntry, Receipt
from storage.tables.duty import Absence, Rota, Shift
from storage.tables.figures import QuarterFigures
from storage.tables.incidents import Conversation, Entry, Evidence, EvidenceChunk, Incident
from storage.tables.meetings import AgendaItem, Briefing, Meeting, MeetingEntry
from storage.tables.people import Account, Invitation, Municipality, Party, Person, Role, SharedPlace
from storage.tables.risk import Assessment, Measure, RiskCase, RiskVersion, Watch
from storage.tables.running import KeptEvent, Lease, Process, SeenEvent
from storage.tables.sending import Deadline, Held, Outbox, Post

__all__ = [
    "Absence",
    "Account",
    "AdviceMissed",
    "AdviceOpened",
    "AgendaItem",
    "Alert",
    "AlertEntry",
    "Assessment",
    "Briefing",
    "Conversation",
    "Deadline",
    "Entry",
    "Evidence",
    "EvidenceChunk",
    "Held",
    "Incident",
    "Invitation",
    "KeptEvent",
    "Lease",
    "Measure",
    "Meeting",
    "MeetingEntry",
    "Municipality",
    "Outbox",
    "Party",
    "Person",
    "Post",
    "Process",
    "QuarterFigures",
    "Receipt",
    "RiskCase",
    "RiskVersion",
    "Role",
    "Rota",
    "Run",
    "RunEntry",
    "RunMember",
    "SeenEvent",
    "SharedPlace",
    "Shift",
    "SupportAsked",
    "SupportCall",
    "Supporter",
    "Tick",
    "Watch",
]
