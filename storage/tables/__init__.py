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
from storage.tables.incidents import Conversation, Entry, Evidence, EvidenceChunk, Incident
from storage.tables.meetings import AgendaItem, Briefing, Meeting
from storage.tables.people import Account, Invitation, Municipality, Party, Person, Role, SharedPlace
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
    "Meeting",
    "Municipality",
    "Outbox",
    "Party",
    "Person",
    "Post",
    "Process",
    "Receipt",
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
]
